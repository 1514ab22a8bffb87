using System.Text.Json.Nodes;
using Xunit;

namespace Rollbook.Cli.Tests.Score;

public sealed class ScoreFileTests : IAsyncLifetime
{
    private const string A = "01HZZZZZZZZZZZZZZZZZZZZZZA";
    private const string B = "01HZZZZZZZZZZZZZZZZZZZZZZB";

    private readonly TemporaryDirectory _directory = new();
    private FakeRecorder _recorder = null!;

    public async ValueTask InitializeAsync()
    {
        _recorder = await FakeRecorder.StartAsync();
        _recorder.Add(A);
        _recorder.Add(B);
    }

    public async ValueTask DisposeAsync()
    {
        await _recorder.DisposeAsync();
        _directory.Dispose();
    }

    [Fact]
    public async Task ScoreFile_WhenSomeLinesAreBad_NamesThemRecordsTheOthersAndExitsWithOne()
    {
        var file = _directory.Write(
            "scores.jsonl",
            $$"""
            {"episode_id": "{{A}}", "value": 1.50, "source": "t", "metadata": {"n": 1e400} }
            {"episode_id": "01HZZZZZZZZZZZZZZZZZZZZZZC", "value": 1, "source": "t"}

            {"episode_id": "{{B}}", "value": 0.5, "source"
            {"value": 1, "source": "t"}
            {"episode_id": "{{B}}", "event_id": "mine", "name": "style", "value": null, "source": "t"}
            """);

        var run = await CliRun.OfAsync(_recorder, "score", "--file", file);

        Assert.Equal(1, run.ExitCode);
        Assert.Contains($"{file}:2: 01HZZZZZZZZZZZZZZZZZZZZZZC the fake says episode_not_found (episode_not_found)", run.Lines);
        Assert.Contains(run.Lines, line => line.StartsWith($"{file}:4: ", StringComparison.Ordinal) && line.EndsWith("(bad_json)", StringComparison.Ordinal));
        Assert.Contains(run.Lines, line => line.StartsWith($"{file}:5: ", StringComparison.Ordinal) && line.Contains("episode_id", StringComparison.Ordinal));
        Assert.Equal("2 scores recorded; 3 refused.", run.Lines[^1]);
        Assert.Equal(["2", "4", "5"], run.Lines.SkipLast(1).Select(line => line[(file.Length + 1)..].Split(':')[0]));
        Assert.Contains("\"value\":1.50,\"source\":\"t\",\"metadata\":{\"n\":1e400}", _recorder.Batches[0], StringComparison.Ordinal);
        Assert.Equal("final", (string?)JsonNode.Parse(_recorder.Episodes[A].Scores[0])!["name"]);
        Assert.Equal("mine", (string?)JsonNode.Parse(_recorder.Episodes[B].Scores[0])!["event_id"]);
    }

    [Fact]
    public async Task ScoreFile_WhenSentAgainAndGrown_RecordsTheNewLineAlone()
    {
        var line = $$"""{"episode_id":"{{A}}","value":1,"source":"t"}""" + "\n";
        await CliRun.OfAsync(_recorder, "score", "--file", _directory.Write("s.jsonl", line + line));

        var run = await CliRun.OfAsync(_recorder, "score", "--file", _directory.Write("s.jsonl", line + line + line), "--json");

        Assert.Equal(0, run.ExitCode);
        Assert.Equal(["true", "true", "false"], run.Lines.Select(text => JsonNode.Parse(text)!["duplicate"]!.ToJsonString()));
        Assert.Equal(3, _recorder.Episodes[A].Scores.Count);
    }

    [Fact]
    public async Task ScoreFile_WhenTheConnectionBreaks_RecordsEachOnce()
    {
        _recorder.Faults.Add(new Fault("v1/scores") { CutAfter = 300 });
        _recorder.Faults.Add(new Fault("v1/scores") { Status = 503, Code = "unavailable", Retry = true });
        var lines = Enumerable.Range(0, 2500).Select(i => $$"""{"episode_id":"{{A}}","value":{{i}},"source":"t"}""");

        var run = await CliRun.OfAsync(_recorder, "score", "--file", _directory.Write("s.jsonl", string.Join('\n', lines)));

        Assert.Equal(0, run.ExitCode);
        Assert.Equal(2500, _recorder.Episodes[A].Scores.Count);
        Assert.Equal([1000, 700, 1000, 500], _recorder.Batches.Select(body => body.Count(c => c == '\n')));
        // The fake took all of the first batch, and named 300 of them.
        Assert.Equal("1800 scores recorded, 700 were there before.", run.Lines[^1]);
    }

    [Fact]
    public async Task ScoreFile_WhenThereIsNone_ExitsWithFour() =>
        Assert.Equal(4, (await CliRun.OfAsync(_recorder, "score", "--file", _directory.In("gone"))).ExitCode);
}
