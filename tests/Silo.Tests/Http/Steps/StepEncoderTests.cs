using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CsCheck;
using Rollbook.Episodes;
using Rollbook.Silo.Http;

namespace Rollbook.Silo.Tests.Http.Steps;

/// <summary>The canonical line and the entry's head.</summary>
public sealed class StepEncoderTests
{
    [Fact]
    public void Encode_RandomStep_KeepsEveryValueText() => Gen.Int[0, int.MaxValue].Sample(seed =>
    {
        var json = new RandomJson(seed);
        var members = json.Step();
        var line = Encoded.Line(json.Members(members));

        var known = StepFieldNames.All
            .Select(name => members.FirstOrDefault(m => m.Name == name))
            .Where(m => m.Name is not null and not "extra" && (m.Value != "null" || m.Name == "observation_snapshot"))
            .Select(m => $"\"{m.Name}\":{RandomJson.Compact(m.Value)}").ToList();
        var extra = members.Where(m => m.Name == "extra" && m.Value != "null").Select(m => RandomJson.Compact(m.Value)[1..^1]).Where(inner => inner != "")
            .Concat(members.Where(m => !StepFieldNames.All.Contains(m.Name)).Select(m => $"\"{m.Name}\":{RandomJson.Compact(m.Value)}"));
        var hasExtra = members.Any(m => (m.Name == "extra" && m.Value != "null") || !StepFieldNames.All.Contains(m.Name));
        if (hasExtra) known.Add($"\"extra\":{{{string.Join(',', extra)}}}");
        Assert.Equal($"{{{string.Join(',', known)}}}", line);
    }, iter: 3_000);

    [Fact]
    public void Encode_ItsOwnLine_GivesTheSameEntry() => Gen.Int[0, int.MaxValue].Sample(seed =>
    {
        var json = new RandomJson(seed);
        var once = Encoded.Of(json.Members(json.Step()));
        var twice = Encoded.Of(Encoding.UTF8.GetString(StepEntry.Read(once.Bytes.Span).Line));
        Assert.True(once.Bytes.Span.SequenceEqual(twice.Bytes.Span));
    }, iter: 1_000);

    [Fact]
    public void Encode_SameStepsInThreeFramings_GivesTheSameEntries() => Gen.Int[0, int.MaxValue].Sample(seed =>
    {
        var json = new RandomJson(seed);
        var steps = Enumerable.Range(0, 3).Select(_ => json.Members(json.Step())).ToList();
        var array = Encoded.Of($"[{string.Join(",", steps)}]");
        var lines = Encoded.Of(string.Join("\r\n", steps) + "\n\n", ndjson: true);
        Assert.Equal(3, array.Count);
        Assert.True(array.Bytes.Span.SequenceEqual(lines.Bytes.Span));
        Assert.Equal(steps.Select(Encoded.Line), Encoded.Lines(lines));
    }, iter: 300);

    [Fact]
    public void Encode_WholeStep_FillsTheHead()
    {
        var entry = Encoded.Entry("""
            {"action_type":"run_tests","step_number":7,"timestamp":1.5,"reward":0.25,"cumulative_reward":"Infinity","test_pass_rate":0.5,
             "done":true,"error":"boom","security_flags":["eval"]}
            """);
        Assert.Equal(7, entry.StepNumber);
        Assert.Equal(0.25, entry.Reward);
        Assert.Equal(double.PositiveInfinity, entry.CumulativeReward);
        Assert.Equal(0.5, entry.PassRate);
        Assert.Equal(Encoded.ReceivedAt, entry.ReceivedAt);
        Assert.Equal(StepFlags.Done | StepFlags.Error | StepFlags.Flagged | StepFlags.HasTimestamp, entry.Flags);
        Assert.Equal(BinaryPrimitives.ReadUInt128BigEndian(SHA256.HashData(entry.Line)), entry.Hash);
    }

    [Fact]
    public void Encode_SmallestStep_LeavesTheHeadAtDefaults()
    {
        var entry = Encoded.Entry("""{"action_type":"","error":null,"security_flags":[],"test_pass_rate":null}""");
        Assert.Equal("""{"action_type":"","security_flags":[]}""", Encoding.UTF8.GetString(entry.Line));
        Assert.Equal(StepEntry.NoStepNumber, entry.StepNumber);
        Assert.Equal(StepFlags.None, entry.Flags);
        Assert.True(double.IsNaN(entry.PassRate));
    }

    [Theory]
    [InlineData("""{"action_type":"a","extra":{},"z":1}""", """{"action_type":"a","extra":{"z":1}}""")]
    [InlineData("""{"z":null,"action_type":"a"}""", """{"action_type":"a","extra":{"z":null}}""")]
    [InlineData("""{"b":{ },"action_type":"a","extra":{ "b" : 2 },"c":[ ]}""", """{"action_type":"a","extra":{"b":2,"b":{},"c":[]}}""")]
    [InlineData("""{"\u0061ction_type":"a","\u007a":1}""", """{"action_type":"a","extra":{"\u007a":1}}""")]
    [InlineData("""{"action_type":"a","extra":{"x":"{"},"y":2}""", """{"action_type":"a","extra":{"x":"{","y":2}}""")]
    [InlineData("""{"action_type":"a","__proto__":{"x":"\u0000"}}""", """{"action_type":"a","extra":{"__proto__":{"x":"\u0000"}}}""")]
    [InlineData("""{"action_type":"a","observation_snapshot":null}""", """{"action_type":"a","observation_snapshot":null}""")]
    [InlineData("""{"action_type":"a","observation_snapshot":{"v":1e400,"v":NULL}}""", """{"action_type":"a","observation_snapshot":{"v":1e400,"v":1e400}}""")]
    public void Encode_OddButValidStep_GivesItsLine(string body, string line) =>
        Assert.Equal(line, Encoded.Line(body.Replace("NULL", "1e400", StringComparison.Ordinal)));

    [Fact]
    public void Encode_MegabyteKey_IsKept()
    {
        var key = new string('k', 1 << 20);
        Assert.Equal("{\"action_type\":\"a\",\"extra\":{\"" + key + "\":1}}", Encoded.Line($$"""{"{{key}}":1,"action_type":"a"}"""));
    }

    [Fact]
    public void Encode_DepthOf256_IsTaken()
    {
        var deep = new string('[', 255) + new string(']', 255);
        Assert.Equal($$"""{"action_type":"a","observation_snapshot":{{deep}}}""", Encoded.Line($$"""{"action_type":"a","observation_snapshot":{{deep}}}"""));
        Assert.Equal(1, Encoded.Of($$"""[{"action_type":"a","observation_snapshot":{{deep}}}]""").Count);
    }

    [Fact]
    public void Encode_ManyUnknownFields_TakesThemInOrder()
    {
        var members = string.Join(',', Enumerable.Range(0, 50_000).Select(i => $"\"k{i}\":{i}"));
        Assert.Equal("{\"action_type\":\"a\",\"extra\":{" + members + "}}", Encoded.Line("{" + members + ",\"action_type\":\"a\"}"));
        var error = Assert.Throws<BadJsonException>(() => Encoded.Of("{" + members + ",\"k17\":0,\"action_type\":\"a\"}"));
        Assert.Equal("/k17", error.Pointer);
    }

    [Fact]
    public void Encode_GoldenStep_GivesGoldenBytes()
    {
        var body = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Http/Steps/golden-step.json"));
        var entry = StepBatch.Encode(body, ndjson: false, Encoded.ReceivedAt).Bytes;
        var golden = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Http/Steps/golden-step.hex")).ReplaceLineEndings("");
        Assert.Equal(golden, Convert.ToHexStringLower(entry.Span));
    }

    [Fact]
    public void Encode_AnyStep_ParsesToAnEqualValue() => Gen.Int[0, int.MaxValue].Sample(seed =>
    {
        var json = new RandomJson(seed);
        var members = json.Step();
        using var line = JsonDocument.Parse(Encoded.Line(json.Members(members)));
        foreach (var (name, value) in members.Where(m => m.Name is "observation_snapshot" or "file_diff" && m.Value != "null"))
        {
            using var sent = JsonDocument.Parse(value);
            Assert.True(JsonElement.DeepEquals(sent.RootElement, line.RootElement.GetProperty(name)));
        }
    }, iter: 500);
}
