using Microsoft.Extensions.Time.Testing;
using Rollbook.Loggers;
using Xunit;

namespace Rollbook.Grains.Tests.Loggers;

/// <summary>One worker's life from a seed: starts, late starts, repeats, endings, news of them, resumes, with crashes in between.</summary>
internal sealed class LoggerRun
{
    private const int Acts = 30;
    private readonly Random random;
    private readonly FakeTimeProvider time = new();
    private readonly CrashPlan plan;
    private readonly CrashingStore store;
    private readonly CrashingEpisodes episodes;
    private readonly List<StartEpisode> sent = [];
    private readonly HashSet<EpisodeId> late = [];
    private readonly Queue<EpisodeSummary> news = new();
    private readonly Dictionary<EpisodeId, int> scored = [];
    private LoggerOwner owner;

    public LoggerRun(int seed)
    {
        random = new Random(seed);
        plan = new CrashPlan(random);
        store = new CrashingStore(plan);
        episodes = new CrashingEpisodes(plan, store);
        owner = new LoggerOwner(store, episodes, time);
    }

    /// <summary>Runs it and checks the invariants after each act; returns the number of crashes.</summary>
    public async Task<int> RunAsync()
    {
        for (var act = 0; act < Acts; act++)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            plan.Armed = true;
            try
            {
                await ActAsync();
            }
            catch (CrashException)
            {
                owner = new LoggerOwner(store, episodes, time);
            }

            plan.Armed = false;
            CheckState();
        }

        // A call that could not end an episode is made good by the next, whether the logger has gone in between or not.
        if (random.Next(2) == 0) owner = new LoggerOwner(store, episodes, time);
        await owner.ReadAsync();
        CheckState();
        var running = episodes.Records.Values.Where(r => r.Status == EpisodeStatus.Running).Select(static r => r.Key.Id).ToList();
        Assert.All(running, id => Assert.Contains(owner.State.Open, e => e.Id == id));
        Assert.True(running.Count(id => !late.Contains(id)) <= 1, $"unfinished after the repair: {string.Join(", ", running)}");
        return plan.Crashes;
    }

    private async Task ActAsync()
    {
        switch (random.Next(14))
        {
            case 0 or 1 or 2:
                await StartAsync(Request(id: null, start: null));
                break;
            case 3:
                await StartAsync(Request(EpisodeId.New(time, random), start: null));
                break;
            case 4 when store.Stored.Current is not null || store.Stored.History.Count > 0:
                var old = Request(EpisodeId.New(time, random), start: 1 + random.Next(9));
                late.Add(old.EpisodeId!.Value);
                await StartAsync(old);
                break;
            case 5 when sent.Count > 0:
                await StartAsync(sent[random.Next(sent.Count)]);
                break;
            case 6 when owner.State.Current?.IdempotencyKey is { } key:
                var other = Request(id: null, start: null) with { IdempotencyKey = key };
                Assert.Equal(RollbookCode.IdempotencyConflict, (await owner.StartAsync(other)).Code);
                break;
            case 7 or 8:
                End(random.Next(3) == 0 ? EpisodeStatus.Lost : EpisodeStatus.Completed);
                break;
            case 9 when news.Count > 0:
                owner.Ended(news.Dequeue());
                break;
            case 10:
                await ResumeAsync();
                break;
            case 11 or 12:
                await ScoreAsync();
                break;
            default:
                if (random.Next(2) == 0) await owner.ReadAsync();
                else if (owner.Dirty) await owner.WriteAsync();
                break;
        }
    }

    private async Task StartAsync(StartEpisode request)
    {
        // A repair may push the oldest of a full history out before it is looked at.
        var kept = owner.State.History.Count + owner.State.Open.Count() <= LoggerState.HistoryLength;
        var named = owner.State.Open.FirstOrDefault(e => Same(request, e.Id, e.IdempotencyKey))?.Id
            ?? (kept ? owner.State.History.FirstOrDefault(e => Same(request, e.Summary.Id, e.IdempotencyKey))?.Summary.Id : null);
        var over = request.EpisodeId is { } wanted && episodes.Records.TryGetValue(wanted, out var record) && record.Status != EpisodeStatus.Running;
        var current = owner.State.Current?.Id;
        sent.Add(request);
        var reply = await owner.StartAsync(request);
        if (reply.Code != RollbookCode.Ok)
        {
            Assert.Equal(RollbookCode.Unavailable, reply.Code);
            return;
        }

        Assert.True(named is null || reply.Record!.Key.Id == named, "a repeat gave another episode");
        Assert.True(request.EpisodeId is null || reply.Record!.Key.Id == request.EpisodeId, "a start gave another id");
        // What has ended is never pointed at again, and what runs goes on.
        if (over && named is null && current is { } before && episodes.Records.ContainsKey(before))
            Assert.True(owner.State.Current?.Id == before || episodes.Records[before].Status != EpisodeStatus.Superseded, "a forgotten start superseded the running episode");
    }

    private async Task ResumeAsync()
    {
        var lost = episodes.Records.Values.Where(r => r.Status == EpisodeStatus.Lost && !late.Contains(r.Key.Id)).ToList();
        if (lost.Count == 0) return;
        var id = lost[random.Next(lost.Count)].Key.Id;
        var reply = await owner.ResumeAsync(new ResumeEpisode { Project = EpisodeKey.DefaultProject, Worker = "w", EpisodeId = id });
        if (reply.Code == RollbookCode.Ok) Assert.Equal(id, owner.State.Current?.Id);
    }

    // Durable in the episode, then told; only what the logger has answered is acknowledged. A repeat tells it again.
    private async Task ScoreAsync()
    {
        var ended = episodes.Records.Values.Where(static r => r.Status != EpisodeStatus.Running).ToList();
        if (ended.Count == 0) return;
        var id = ended[random.Next(ended.Count)].Key.Id;
        var summary = random.Next(4) == 0 ? EpisodeSummary.Of(episodes.Records[id]) : episodes.Score(id, random.Next(100));
        // News of it travels on another way too, and may come later.
        if (random.Next(4) == 0) news.Enqueue(summary);
        await owner.ScoredAsync(summary);
        scored[id] = summary.ScoreCount;
    }

    private void End(EpisodeStatus status)
    {
        var running = episodes.Records.Values.Where(static r => r.Status == EpisodeStatus.Running).ToList();
        if (running.Count == 0) return;
        var reply = episodes.End(running[random.Next(running.Count)].Key.Id, new EndEpisode { Status = status });
        var summary = EpisodeSummary.Of(reply.Record!);
        switch (random.Next(3))
        {
            case 0:
                owner.Ended(summary);
                break;
            case 1:
                news.Enqueue(summary);
                break;
        }
    }

    private void CheckState()
    {
        foreach (var state in new[] { store.Stored, owner.State })
        {
            Assert.True(state.History.Count <= LoggerState.HistoryLength);
            Assert.Equal(state.History.OrderBy(static e => e.Summary.StartTime).Select(static e => e.Summary.Id), state.History.Select(static e => e.Summary.Id));
            foreach (var summary in state.History.Select(static e => e.Summary))
            {
                var record = episodes.Records[summary.Id];
                Assert.True(record.Status != EpisodeStatus.Running, "the history has an episode that runs");
                Assert.True(summary.ScoreCount >= scored.GetValueOrDefault(summary.Id), "the history lacks an acknowledged score");
                Assert.True(summary.ScoreCount < record.ScoreCount || summary.FinalScore == record.FinalScore, "the history shows a score that is not the episode's");
            }

            Assert.False(state.Current is { } current && late.Contains(current.Id), "a late start is current");
            Assert.Equal(state.Open.Count(), state.Open.Select(static e => e.Id).Distinct().Count());
        }
    }

    private StartEpisode Request(EpisodeId? id, double? start) => new()
    {
        Project = EpisodeKey.DefaultProject,
        Worker = "w",
        Task = "t",
        VariantId = "v",
        EpisodeId = id,
        StartTime = start,
        IdempotencyKey = random.Next(2) == 0 ? $"key-{sent.Count}" : null,
        BodyHash = (UInt128)random.NextInt64() + 1,
    };

    private static bool Same(StartEpisode request, EpisodeId id, string? key) =>
        id == request.EpisodeId || (key is not null && key == request.IdempotencyKey);
}
