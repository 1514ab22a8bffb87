using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using Rollbook.Silo.Hosting;
using Rollbook.Silo.Http;
using Rollbook.Silo.Tests.Http.Steps;
using Rollbook.Testing;

namespace Rollbook.Silo.Tests.Hosting;

/// <summary>The whole process: restart, refusal of a second one, reads in the reference's shapes.</summary>
public sealed class SiloHostTests
{
    /// <summary>T24: what came in comes out, byte for byte, also after a restart.</summary>
    [Fact]
    public async Task Restart_GivesBackEveryStepByteForByte()
    {
        using var directory = new TempDirectory();
        var sent = Enumerable.Range(0, 200).Select(i => new RandomJson(i)).Select(json => json.Members(json.Step())).ToList();
        string id;
        string[] before;
        await using (var server = await SiloServer.StartAsync(directory.Path))
        {
            id = await server.BeginAsync("w");
            for (var i = 0; i < sent.Count; i += 10)
                Assert.Equal(200, (await server.AppendAsync(id, i, string.Join('\n', sent.Skip(i).Take(10)), StepsApi.Ndjson)).Status);
            before = await server.LinesAsync(id);
        }

        await using (var server = await SiloServer.StartAsync(directory.Path))
        {
            var after = await server.LinesAsync(id);
            Assert.Equal(before, after);
            for (var i = 0; i < sent.Count; i++)
            {
                var canonical = JsonNode.Parse(Encoded.Line(sent[i]))!.AsObject();
                foreach (var (name, _) in canonical) Assert.Contains(Raw(Encoded.Line(sent[i]), name), after[i], StringComparison.Ordinal);
            }

            Assert.Equal(before[7..9], await server.LinesAsync(id, "?from=7&limit=2"));
            var (_, record) = await server.GetAsync($"/v1/episodes/{id}");
            Assert.Equal(("running", 200, 200), ((string)record!["status"]!, (int)record["step_count"]!, record["steps"]!.AsArray().Count));
            var (_, repeat) = await server.AppendAsync(id, 0, sent[0]);
            Assert.Equal(1, (int)repeat!["duplicates"]!);
        }
    }

    [Fact]
    public async Task Append_SixteenMebibyteStep_IsStoredAndRead()
    {
        using var directory = new TempDirectory();
        await using var server = await SiloServer.StartAsync(directory.Path);
        var id = await server.BeginAsync("w");
        var step = "{\"action_type\":\"" + new string('x', BodyReader.MaxBytes - "{\"action_type\":\"\"}".Length) + "\"}";
        var (status, answer) = await server.AppendAsync(id, 0, step);
        Assert.True(status == 200, $"{status} {answer}");
        var batch = string.Join('\n', Enumerable.Range(0, 15).Select(i => "{\"action_type\":\"" + new string((char)('a' + i), 1_100_000) + "\"}"));
        Assert.Equal(200, (await server.AppendAsync(id, 1, batch, StepsApi.Ndjson)).Status);
        var lines = await server.LinesAsync(id);
        Assert.Equal(16, lines.Length);
        Assert.Contains(step[1..^1], lines[0], StringComparison.Ordinal);
        Assert.EndsWith(new string('o', 1000), (string)JsonNode.Parse(lines[15])!["action_type"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Build_OnADirectoryInUse_SaysWhichProcess()
    {
        using var directory = new TempDirectory();
        await using var server = await SiloServer.StartAsync(directory.Path);
        using var output = new StringWriter();
        using var errors = new StringWriter();
        var code = await SiloHost.RunAsync(["--urls", "http://127.0.0.1:0", "--data", directory.Path], output, errors);
        Assert.Equal(SiloHost.StartFailed, code);
        Assert.Contains("--data", errors.ToString(), StringComparison.Ordinal);
        Assert.Contains($"{Environment.ProcessId}", errors.ToString(), StringComparison.Ordinal);
        Assert.Empty(output.ToString());
    }

    [Fact]
    public async Task Run_BadOption_ExitsWithTwo()
    {
        using var output = new StringWriter();
        using var errors = new StringWriter();
        Assert.Equal(SiloHost.BadOptions, await SiloHost.RunAsync(["--urls", "http://0.0.0.0:1"], output, errors));
        Assert.Contains("--insecure-i-understand", errors.ToString(), StringComparison.Ordinal);
        Assert.Equal(0, await SiloHost.RunAsync(["--help"], output, errors));
        Assert.Contains("--data DIR", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Worker_FourShapes_AreThoseOfTheReference()
    {
        using var directory = new TempDirectory();
        await using var server = await SiloServer.StartAsync(directory.Path);
        Assert.Equal("null", await server.Client.GetStringAsync("/v1/workers/w/trajectory"));
        foreach (var shape in new[] { "timeline", "replay-actions", "history" })
            Assert.Equal("[]", await server.Client.GetStringAsync($"/v1/workers/w/{shape}"));
        Assert.Equal(404, (await server.GetAsync("/v1/workers/w")).Status);

        var first = await server.BeginAsync("w");
        await server.AppendAsync(first, 0, """
            [{"action_type":"read_file","action_path":"a.py","step_number":4,"timestamp":5.5,"duration_ms":1.25,"observation_snapshot":{"x":1}},
             {"action_type":"write_file","action_path":"","action_query":"q","action_content":"","reward":0.50,"error":"e","test_pass_rate":0.5,"security_flags":["s"],"thought":"t"}]
            """);
        var trajectory = JsonNode.Parse(await server.Client.GetStringAsync("/v1/workers/w/trajectory"))!.AsObject();
        Assert.Equal(
            ["episode_id", "task", "variant_id", "start_time", "end_time", "duration_seconds", "steps", "final_score", "total_steps", "metadata"],
            trajectory.Select(member => member.Key));
        Assert.Equal(
            ["step_number", "timestamp", "action_type", "action_path", "action_query", "action_content_length", "observation_snapshot", "reward",
             "cumulative_reward", "done", "error", "file_diff", "test_pass_rate", "duration_ms", "security_flags"],
            trajectory["steps"]![0]!.AsObject().Select(member => member.Key));
        Assert.Equal((0.0, 2), ((double)trajectory["final_score"]!, (int)trajectory["total_steps"]!));
        Assert.Null(trajectory["end_time"]);
        Assert.Equal(
            """[{"action_type":"read_file","path":"a.py"},{"action_type":"write_file","query":"q","content":""}]""",
            await server.Client.GetStringAsync("/v1/workers/w/replay-actions"));
        Assert.Equal(
            """[{"step":4,"action":"read_file","path":"a.py","reward":0.0,"error":null,"duration_ms":1.25,"pass_rate":null,"security_flags":[]},{"step":2,"action":"write_file","path":"","reward":0.50,"error":"e","duration_ms":0.0,"pass_rate":0.5,"security_flags":["s"]}]""",
            await server.Client.GetStringAsync($"/v1/episodes/{first}/timeline"));

        var second = await server.BeginAsync("w");
        await server.PostAsync($"/v1/episodes/{second}/end", """{"next_ordinal":0,"final_score":1}""");
        var (_, history) = await server.GetAsync("/v1/workers/w/history");
        Assert.Equal([first, second], history!.AsArray().Select(item => (string)item!["episode_id"]!));
        Assert.Equal([0.0, 1.0], history.AsArray().Select(item => (double)item!["final_score"]!));
        var (_, worker) = await server.GetAsync("/v1/workers/w");
        Assert.Equal("idle", (string)worker!["status"]!);
        Assert.Equal(["superseded", "completed"], worker["history"]!.AsArray().Select(item => (string)item!["status"]!));
        Assert.Equal(second, (string)JsonNode.Parse(await server.Client.GetStringAsync("/v1/workers/w/trajectory"))!["episode_id"]!);
        var (_, aborted) = await server.PostAsync($"/v1/episodes/{first}/abort", """{"cause":"x"}""");
        Assert.Equal("end_conflict", (string)aborted!["code"]!);
    }

    [Fact]
    public async Task Stop_WithManyStreamsAndOpenEpisodes_IsQuick()
    {
        using var directory = new TempDirectory();
        var server = await SiloServer.StartAsync(directory.Path);
        var ids = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => server.BeginAsync($"w{i}")));
        var streams = await Task.WhenAll(ids.Take(50).Select(id => server.Client.GetStreamAsync($"/v1/episodes/{id}/live")));
        var watch = Stopwatch.StartNew();
        await server.StopAsync();
        Figures.Report("stop", $"{watch.Elapsed.TotalSeconds:N1} s with 50 streams and {ids.Length} open episodes");
        foreach (var stream in streams)
        {
            using var reader = new StreamReader(stream, Encoding.UTF8);
            Assert.DoesNotContain("event: end", await reader.ReadToEndAsync(), StringComparison.Ordinal);
        }

        await server.DisposeAsync();
        await using var next = await SiloServer.StartAsync(directory.Path);
        Assert.Equal("running", (string)(await next.GetAsync($"/v1/episodes/{ids[0]}?steps=false")).Json!["status"]!);
    }

    private static string Raw(string line, string name)
    {
        using var document = System.Text.Json.JsonDocument.Parse(line);
        return $"\"{name}\":{document.RootElement.GetProperty(name).GetRawText()}";
    }
}
