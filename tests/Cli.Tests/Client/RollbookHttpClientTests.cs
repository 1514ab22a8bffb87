using System.Text;
using Rollbook.Client;
using Xunit;

namespace Rollbook.Cli.Tests.Client;

public sealed class RollbookHttpClientTests : IAsyncLifetime
{
    private const string Id = "01HZZZZZZZZZZZZZZZZZZZZZZZ";
    private static readonly EpisodeStart Start = new() { Task = "t", VariantId = "v" };

    private FakeRecorder _recorder = null!;
    private RollbookHttpClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        _recorder = await FakeRecorder.StartAsync();
        _client = _recorder.NewClient();
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _recorder.DisposeAsync();
    }

    [Fact]
    public async Task StartAsync_WhenAnswerIsLost_RepeatsWithTheSameKeyAndGetsTheSameEpisode()
    {
        _recorder.Faults.Add(new Fault("/episodes") { AfterEffect = true, Times = 3 });

        var started = await _client.StartAsync("w.0", Start);

        Assert.Equal(Assert.Single(_recorder.Episodes).Key, started.EpisodeId);
        Assert.Equal(4, _recorder.Requests.Count);
    }

    [Fact]
    public async Task AppendAsync_WhenAnswerIsLost_SendsTheSameAgainAndTheStepIsThereOnce()
    {
        _recorder.Add(Id);
        _recorder.Faults.Add(new Fault("/steps") { AfterEffect = true });
        _recorder.Faults.Add(new Fault("/steps") { Status = 503, Code = "unavailable", Retry = true });
        _recorder.Faults.Add(new Fault("/steps") { Status = 502 });

        var appended = await _client.AppendAsync(Id, 0, Utf8("{\"action_type\":\"a\"}\n{\"action_type\":\"b\"}\n"), writerEpoch: 1);

        Assert.Equal(new AppendedSteps(2, 2), appended);
        Assert.Equal(2, _recorder.Episodes[Id].Steps.Count);
        Assert.Equal(4, _recorder.Requests.Count);
        Assert.Single(_recorder.Requests.Distinct());
    }

    [Theory]
    [InlineData("ordinal_gap", 409, 7L)]
    [InlineData("ordinal_conflict", 409, 3L)]
    [InlineData("writer_fenced", 409, null)]
    [InlineData("bad_json", 400, null)]
    public async Task AppendAsync_WhenRefusedForGood_ThrowsAtOnceWithCodeAndExpected(string code, int status, long? expected)
    {
        _recorder.Add(Id);
        _recorder.Faults.Add(new Fault("/steps") { Status = status, Code = code, Expected = expected });

        var e = await Assert.ThrowsAsync<RollbookException>(() => _client.AppendAsync(Id, 0, Utf8("{}\n")));

        Assert.Equal((code, false, expected, status, "/0", 1L), (e.Code, e.Retry, e.Expected, e.Status, e.Pointer, e.Line));
        Assert.Single(_recorder.Requests);
    }

    [Fact]
    public async Task StartAsync_WhenWorkerIsBusy_LeavesTheChoiceToTheCaller()
    {
        _recorder.Faults.Add(new Fault("/episodes") { Status = 409, Code = "worker_busy", Retry = true, RetryAfter = "30" });

        var e = await Assert.ThrowsAsync<RollbookException>(() => _client.StartAsync("w.0", Start));

        Assert.True(e.Retry);
        Assert.Equal(TimeSpan.FromSeconds(30), e.RetryAfter);
        Assert.Single(_recorder.Requests);
    }

    [Fact]
    public async Task EndAsync_WhenScoreIsNotFinite_ReadsAndWritesItAsText()
    {
        _recorder.Add(Id);

        var ended = await _client.EndAsync(Id, new EpisodeEnd { NextOrdinal = 0, FinalScore = double.NaN, EndCause = "x" });

        Assert.Equal("""{"final_score":"NaN","end_cause":"x","next_ordinal":0}""", Encoding.UTF8.GetString(new EpisodeEnd { NextOrdinal = 0, FinalScore = double.NaN, EndCause = "x" }.ToJson()));
        Assert.Equal(double.NaN, ended.FinalScore);
    }

    [Fact]
    public async Task GetEpisodeAsync_WhenNothingListens_ThrowsUnreachableNamingTheAddress()
    {
        var address = _recorder.Address;
        await _recorder.DisposeAsync();
        using var client = new RollbookHttpClient(new RollbookHttpOptions { BaseAddress = address, GiveUpAfter = TimeSpan.Zero });

        var e = await Assert.ThrowsAsync<RollbookException>(() => client.GetEpisodeAsync(Id, TestContext.Current.CancellationToken));

        Assert.Equal(RollbookException.Unreachable, e.Code);
        Assert.True(e.Retry);
        Assert.Contains(address.ToString(), e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("")]
    public async Task GetWorkerAsync_WhenNameIsAStepOfAPath_Refuses(string worker) =>
        await Assert.ThrowsAsync<ArgumentException>(() => _client.GetWorkerAsync(worker));

    [Fact]
    public async Task GetWorkerAsync_WhenNameHasReservedCharacters_AsksForThatName()
    {
        var episode = new FakeEpisode { Id = Id, Worker = "a+b@c:1~x", Body = """{"task":"t","variant_id":"v"}""" };
        _recorder.Episodes.Add(Id, episode);

        var worker = await _client.GetWorkerAsync("a+b@c:1~x");

        Assert.Equal(Id, worker.Current!.EpisodeId);
    }

    [Fact]
    public async Task ReadStepsAsync_WhenConnectionBreaksWithinALine_GoesOnWhereItBroke()
    {
        _recorder.Add(Id, Enumerable.Range(0, 9).Select(i => $$"""{"action_type":"s{{i}}"}""").ToArray());
        _recorder.Faults.Add(new Fault("/steps") { CutAfter = 2 });
        _recorder.Faults.Add(new Fault("/steps") { CutAfter = 0 });
        _recorder.Faults.Add(new Fault("/steps") { CutAfter = 3 });

        var lines = await _client.ReadStepsAsync(Id, 1, 7).ToListAsync(TestContext.Current.CancellationToken);

        Assert.Equal(Enumerable.Range(1, 7).Select(i => (long)i), lines.Select(line => line.Ordinal));
        Assert.Equal(Enumerable.Range(1, 7).Select(_recorder.Episodes[Id].Line), lines.Select(line => Encoding.UTF8.GetString(line.Json.Span)));
    }

    [Fact]
    public async Task ReadStepsAsync_WhenALineIsLong_GivesItWhole()
    {
        var text = new string('x', 3_000_000);
        _recorder.Add(Id, """{"action_type":"a"}""", $$"""{"action_type":"{{text}}"}""", """{"action_type":"c"}""");

        var lines = await _client.ReadStepsAsync(Id).ToListAsync(TestContext.Current.CancellationToken);

        Assert.Equal(3, lines.Count);
        Assert.Equal(_recorder.Episodes[Id].Line(1), Encoding.UTF8.GetString(lines[1].Json.Span));
    }

    [Fact]
    public async Task WatchAsync_WhenConnectionBreaks_ResumesByLastEventIdAndEveryStepComesOnce()
    {
        var episode = _recorder.Add(Id, Enumerable.Range(0, 8).Select(i => $$"""{"action_type":"s{{i}}"}""").ToArray());
        episode.Status = "completed";
        _recorder.Faults.Add(new Fault("/live") { CutAfter = 0 });
        _recorder.Faults.Add(new Fault("/live") { CutAfter = 2 });
        _recorder.Faults.Add(new Fault("/live") { Status = 503, Code = "unavailable", Retry = true });
        _recorder.Faults.Add(new Fault("/live") { CutAfter = 3 });

        var events = await _client.WatchAsync(Id, 1).ToListAsync(TestContext.Current.CancellationToken);

        Assert.Equal([1, 2, 3, 4, 5, 6, 7, -1], events.Select(e => e.Ordinal));
        Assert.True(events[^1].IsEnd);
        Assert.Equal(episode.Line(4), Encoding.UTF8.GetString(events[3].Json.Span));
        Assert.Equal([null, null, "2", "5"], _recorder.LastEventIds);
    }

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);
}
