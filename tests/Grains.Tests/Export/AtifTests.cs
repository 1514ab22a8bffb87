using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using Rollbook.Export;
using Rollbook.Testing;
using Xunit;

namespace Rollbook.Grains.Tests.Export;

/// <summary>ATIF-v1.8, whose readers refuse what they don't know.</summary>
public sealed class AtifTests
{
    [Fact]
    public async Task Atif_OfAnyEpisode_KeepsTheSchemaAndTheRulesThatNoSchemaHas() => await Gen.Int.SampleAsync(async seed =>
    {
        var episode = new NastyEpisode(seed);
        var text = await Exported.OfAsync(ExportFormat.Atif, episode);

        Assert.Equal(text.Length - 1, text.IndexOf('\n', StringComparison.Ordinal));
        Schema.Atif.Holds(text);
        var document = Exported.Object(text);
        var steps = document["steps"]!.AsArray();
        Assert.Equal(Enumerable.Range(1, steps.Count), steps.Select(static step => (int)step!["step_id"]!));
        Assert.Equal(steps.Count, (int)document["final_metrics"]!["total_steps"]!);
        Assert.Equal(episode.Steps.Count, steps.Count(static step => (string?)step!["source"] == "agent"));
        foreach (var step in steps.Where(static step => step!["observation"] is not null && step["tool_calls"] is not null))
        {
            var ids = step!["tool_calls"]!.AsArray().Select(static call => (string)call!["tool_call_id"]!);
            Assert.All(step["observation"]!["results"]!.AsArray(), result => Assert.Contains((string)result!["source_call_id"]!, ids));
        }
    }, iter: Exported.Episodes);

    [Fact]
    public async Task Atif_OfAnyEpisode_GivesItsCanonicalLinesBackByteForByte() => await Gen.Int.SampleAsync(async seed =>
    {
        var episode = new NastyEpisode(seed);
        var text = await Exported.OfAsync(ExportFormat.Atif, episode);

        using var document = System.Text.Json.JsonDocument.Parse(text, new System.Text.Json.JsonDocumentOptions { MaxDepth = 512 });
        var steps = document.RootElement.GetProperty("steps").EnumerateArray().Select(static step => Encoding.UTF8.GetBytes(step.GetRawText())).Where(static step => AtifStep.IsRecorded(step)).ToList();
        Assert.Equal(Exported.Lines(episode), steps.Select(static step => Line(step)));
        Assert.Equal(steps.Select(static step => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Line(step)))[..16])), steps.Select(static step => AtifStep.Hash(step)));
        Assert.Equal(Enumerable.Range(0, steps.Count).Select(static i => (long?)i), steps.Select(static step => AtifStep.Ordinal(step)));
    }, iter: Exported.Episodes);

    [Fact]
    public async Task Atif_OfReferencesToLargeValues_KeepsTheSchemaAndGivesTheLineBack()
    {
        const string Reference = """{"$blob":"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef","bytes":300000,"media_type":"text/plain"}""";
        const string Step = $$"""{"action_type":"write_file","action_content":{{Reference}},"observation_snapshot":{"page":{{Reference}}},"thought":{{Reference}},"response":{{Reference}}}""";
        var text = await Exported.OfStepAsync(ExportFormat.Atif, Step);

        Schema.Atif.Holds(text);
        var step = Exported.Object(text)["steps"]![1]!;
        Assert.Equal((Reference, Reference), ((string)step["message"]!, (string)step["reasoning_content"]!));
        Assert.Equal(Step, Line(Encoding.UTF8.GetBytes(step.ToJsonString())));
    }

    [Fact]
    public async Task Atif_OfAStepWithoutAModel_HasACallItsResultAndTheRestInExtra()
    {
        var document = Exported.Object(await Exported.OfStepAsync(
            ExportFormat.Atif, """{"action_type":"write_file","action_path":"a.py","action_content":"x","observation_snapshot":{"ok":1.0},"reward":0.50,"done":true,"more":1}"""));

        Assert.Equal(
            """{"step_id":2,"timestamp":"2025-11-23T09:26:40.250000Z","source":"agent","message":"","llm_call_count":0,"tool_calls":[{"tool_call_id":"call_0","function_name":"write_file","arguments":{"path":"a.py","content":"x"}}],"observation":{"results":[{"source_call_id":"call_0","content":"{\"ok\":1.0}"}]},"extra":{"ordinal":0,"received_at":1763890000.25,"hash":"HASH","reward":0.50,"done":true,"extra":{"more":1},"observation":"json"}}""",
            document["steps"]![1]!.ToJsonString(new System.Text.Json.JsonSerializerOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping })
                .Replace((string)document["steps"]![1]!["extra"]!["hash"]!, "HASH", StringComparison.Ordinal));
        Assert.Equal("""{"total_steps":2}""", document["final_metrics"]!.ToJsonString());
        Assert.Equal(("w", 1, null), ((string)document["extra"]!["worker"]!, (int)document["extra"]!["step_count"]!, document["extra"]!["metadata"]));
    }

    [Theory]
    [InlineData("""{"usage":{"prompt_tokens":12,"completion_tokens":3}}""", """{"prompt_tokens":12,"completion_tokens":3}""", """{"total_prompt_tokens":12,"total_completion_tokens":3,"total_steps":2}""")]
    [InlineData("""{"metrics":{"cost_usd":0.10},"logprobs":[-0.1]}""", """{"cost_usd":0.10,"logprobs":[-0.1]}""", """{"total_cost_usd":0.1,"total_steps":2}""")]
    [InlineData("""{"prompt_token_ids":[1,2],"completion_token_ids":[3]}""", """{"prompt_token_ids":[1,2],"completion_token_ids":[3]}""", """{"total_steps":2}""")]
    public async Task Atif_OfAStepWithTokenData_HasMetricsAndNoCountOfZero(string extra, string metrics, string totals)
    {
        var document = Exported.Object(await Exported.OfStepAsync(ExportFormat.Atif, $$"""{"action_type":"a","extra":{{extra}}}"""));

        var step = document["steps"]![1]!;
        Assert.Equal((metrics, null, totals), (step["metrics"]!.ToJsonString(), step["llm_call_count"], document["final_metrics"]!.ToJsonString()));
    }

    [Theory]
    [InlineData("""{"prompt_tokens":"12"}""")]
    [InlineData("""{"prompt_tokens":-1,"cost_usd":1e400,"logprobs":[null],"prompt_token_ids":[1.5]}""")]
    public async Task Atif_OfAStepWithSomethingElseUnderThoseNames_HasNoMetrics(string extra)
    {
        var step = Exported.Object(await Exported.OfStepAsync(ExportFormat.Atif, $$"""{"action_type":"a","extra":{{extra}}}"""))["steps"]![1]!;

        Assert.Equal((null, 0), (step["metrics"], (int)step["llm_call_count"]!));
    }

    [Fact]
    public async Task Atif_OfAStepWithThoughtAndResponse_HasThemInTheirPlaces()
    {
        var step = Exported.Object(await Exported.OfStepAsync(ExportFormat.Atif, """{"action_type":"a","thought":"T","response":"R","error":"boom"}"""))["steps"]![1]!;

        Assert.Equal(("R", "T", null), ((string)step["message"]!, (string)step["reasoning_content"]!, step["llm_call_count"]));
        Assert.Equal("boom", (string)step["observation"]!["results"]![0]!["content"]!);
    }

    [Theory]
    [InlineData("steps/0", "reward", "1")]
    [InlineData("", "done", "true")]
    [InlineData("agent", "x", "1")]
    [InlineData("steps/1/tool_calls/0", "x", "1")]
    [InlineData("steps/1", "metrics", "{}")]
    [InlineData("steps/1", "llm_call_count", "-1")]
    [InlineData("steps/0", "tool_calls", "[]")]
    [InlineData("steps/1/observation/results/0", "content", "{}")]
    public async Task Schema_OfADocumentThatBreaksIt_SaysSo(string place, string name, string value)
    {
        var document = Exported.Object(await Exported.OfStepAsync(ExportFormat.Atif, """{"action_type":"a","observation_snapshot":1}"""));
        Schema.Atif.Holds(document.ToJsonString());
        JsonNode at = document;
        foreach (var part in place.Split('/', StringSplitOptions.RemoveEmptyEntries)) at = int.TryParse(part, out var index) ? at[index]! : at[part]!;

        at[name] = JsonNode.Parse(value);

        Assert.NotEqual("", Schema.Atif.Faults(document.ToJsonString()));
    }

    private static string Line(byte[] step)
    {
        var line = new ArrayBufferWriter<byte>();
        AtifStep.WriteLine(step, line);
        return Encoding.UTF8.GetString(line.WrittenSpan);
    }
}
