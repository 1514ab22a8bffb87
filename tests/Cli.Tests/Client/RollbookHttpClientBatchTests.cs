using System.Text;
using Rollbook.Client;
using Xunit;

namespace Rollbook.Cli.Tests.Client;

public sealed class RollbookHttpClientBatchTests : IAsyncLifetime
{
    private const string A = "01HZZZZZZZZZZZZZZZZZZZZZZA";
    private const string B = "01HZZZZZZZZZZZZZZZZZZZZZZB";
    private const string C = "01HZZZZZZZZZZZZZZZZZZZZZZC";

    private FakeRecorder _recorder = null!;
    private RollbookHttpClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        _recorder = await FakeRecorder.StartAsync();
        _recorder.Add(A);
        _recorder.Add(B);
        _client = _recorder.NewClient();
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _recorder.DisposeAsync();
    }

    [Fact]
    public async Task AppendManyAsync_WhenOneIsRefused_TakesTheOthersAndKeepsTheirOrder()
    {
        var outcomes = await _client.AppendManyAsync([Run(A, 0, 2), Run(B, 3, 1), Run(C, 0, 1)]);

        Assert.Equal([A, B, C], outcomes.Select(outcome => outcome.EpisodeId));
        Assert.Equal((2L, null), (outcomes[0].NextOrdinal, outcomes[0].Code));
        Assert.Equal((null, "ordinal_gap", 0L), (outcomes[1].NextOrdinal, outcomes[1].Code, outcomes[1].Expected));
        Assert.Equal("episode_not_found", outcomes[2].Code);
        Assert.Single(_recorder.Batches);
    }

    [Fact]
    public async Task AppendManyAsync_WhenSomeAreUnknown_SendsThoseAloneAgain()
    {
        _recorder.LineFaults.Add(new Fault(B) { Code = "unavailable" });

        var outcomes = await _client.AppendManyAsync([Run(A, 0, 1), Run(B, 0, 1)]);

        Assert.All(outcomes, outcome => Assert.Equal((1L, null), (outcome.NextOrdinal, outcome.Code)));
        Assert.Equal(2, _recorder.Batches.Count);
        Assert.DoesNotContain(A, _recorder.Batches[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task AppendManyAsync_WhenTheAnswerIsCut_SendsTheUnnamedAgainAndNoStepTwice()
    {
        _recorder.Faults.Add(new Fault("v1/steps") { CutAfter = 1 });

        var outcomes = await _client.AppendManyAsync([Run(A, 0, 1), Run(B, 0, 1)]);

        // The fake answers the last first: B was named, A was taken but not named.
        Assert.Equal((1L, 0L), (outcomes[0].Duplicates, outcomes[1].Duplicates));
        Assert.Single(_recorder.Episodes[A].Steps);
    }

    [Fact]
    public async Task AppendManyAsync_WhenOneStaysUnknown_TellsSoInsteadOfThrowing()
    {
        _recorder.LineFaults.Add(new Fault(B) { Code = "unavailable", Times = int.MaxValue });
        using var client = _recorder.NewClient(TimeSpan.FromMilliseconds(30));

        var outcomes = await client.AppendManyAsync([Run(A, 0, 1), Run(B, 0, 1)]);

        Assert.Null(outcomes[0].Code);
        Assert.Equal(("unavailable", true), (outcomes[1].Code, outcomes[1].Retry));
    }

    [Fact]
    public async Task AppendManyAsync_WhenAnEpisodeIsThereTwice_Throws() =>
        await Assert.ThrowsAsync<ArgumentException>(() => _client.AppendManyAsync([Run(A, 0, 1), Run(A, 1, 1)]));

    [Fact]
    public async Task ScoreManyAsync_WhenLinesAreSentAgain_NamesThemByTheirFirstPlace()
    {
        _recorder.LineFaults.Add(new Fault("e-2") { Code = "unavailable" });
        _recorder.LineFaults.Add(new Fault("e-3") { Code = "unavailable" });

        var outcomes = new List<ScoreOutcome>();
        await foreach (var outcome in _client.ScoreManyAsync([Score(A, 1), Score(B, 2), Score(C, 3)]))
            outcomes.Add(outcome);

        Assert.Equal([(1L, null), (2L, null), (3L, "episode_not_found")], outcomes.OrderBy(outcome => outcome.Line).Select(outcome => (outcome.Line, outcome.Code)));
        Assert.Equal([3, 2], _recorder.Batches.Select(body => body.Count(c => c == '\n')));
        Assert.Equal(2, outcomes.Single(outcome => outcome.Line == 2).FinalScore);
    }

    [Fact]
    public async Task ScoreAsync_WhenRepeated_IsADuplicateAndAnotherBodyIsAConflict()
    {
        var score = new EpisodeScore { EventId = "e", Name = "final", Value = double.NaN, Source = "tests", Rationale = "why", Metadata = "{\"k\":1e400}"u8.ToArray() };

        var first = await _client.ScoreAsync(A, score);
        var second = await _client.ScoreAsync(A, score);
        var refused = await Assert.ThrowsAsync<RollbookException>(() => _client.ScoreAsync(A, score with { Value = null }));

        Assert.Equal((new ScoredEpisode("e", false, double.NaN), new ScoredEpisode("e", true, double.NaN)), (first, second));
        Assert.Equal("score_conflict", refused.Code);
        Assert.Equal("""{"event_id":"e","name":"final","value":"NaN","source":"tests","rationale":"why","metadata":{"k":1e400}}""", Assert.Single(_recorder.Episodes[A].Scores));
    }

    [Fact]
    public async Task GetEpisodeAsync_WhenScoredAndLabelled_HasBoth()
    {
        await _client.ScoreAsync(A, new EpisodeScore { EventId = "e", Name = "final", Value = null, Source = "tests" });
        await _client.LabelAsync(A, new LabelChange { EventId = "l", Add = ["pinned", "hard"] });
        var labelled = await _client.LabelAsync(A, new LabelChange { EventId = "m", Remove = ["hard"] });

        var episode = await _client.GetEpisodeAsync(A);

        Assert.Equal(["pinned"], labelled.Labels);
        Assert.Equal(["pinned"], episode.Labels);
        Assert.Equal(("e", null, "tests"), (episode.Scores[0].EventId, episode.Scores[0].Value, episode.Scores[0].Source));
        Assert.Null(episode.FinalScore);
    }

    [Fact]
    public async Task SetFieldsAsync_WhenAFieldHasAnotherValue_IsRefused()
    {
        var set = await _client.SetFieldsAsync(A, new EpisodeFields { Seed = 7 });
        var refused = await Assert.ThrowsAsync<RollbookException>(() => _client.SetFieldsAsync(A, new EpisodeFields { Seed = 8, GroupId = "g" }));

        Assert.Equal((7L, "field_conflict"), (set.Seed, refused.Code));
        Assert.Null((await _client.GetEpisodeAsync(A)).GroupId);
        Assert.Contains($"PATCH /v1/episodes/{A}", _recorder.Requests);
    }

    [Fact]
    public async Task HeartbeatAsync_WhenSomeHaveEnded_TellsEachInOrder()
    {
        _recorder.Episodes[B].Status = "completed";

        var states = await _client.HeartbeatAsync([new Heartbeat(A, 1), new Heartbeat(B), new Heartbeat(C)]);

        Assert.Equal([new(A, "ok"), new(B, "episode_ended"), new HeartbeatState(C, "episode_not_found")], states);
    }

    private static StepRun Run(string id, long from, int count) => new(
        id, from, [.. Enumerable.Range(0, count).Select(i => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes($$"""{"action_type":"a{{i}}"}"""))]);

    private static ReadOnlyMemory<byte> Score(string id, int number) => Encoding.UTF8.GetBytes(
        $$"""{"episode_id":"{{id}}","event_id":"e-{{number}}","name":"final","value":{{number}},"source":"t"}""");
}
