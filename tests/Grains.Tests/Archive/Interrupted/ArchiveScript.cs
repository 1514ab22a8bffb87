using Rollbook.Archive;
using Rollbook.Episodes;
using Rollbook.Grains.Tests.Episodes;
using Rollbook.StepLog;
using Rollbook.Testing;

namespace Rollbook.Grains.Tests.Archive.Interrupted;

/// <summary>
/// The life of some episodes on one silo, from the first step to a late score of a sealed one, with a dead silo's log besides. A call that fails is made again, as a
/// caller does; the script ends where its silo does.
/// </summary>
internal sealed class ArchiveScript(RecorderBench bench)
{
    private const int Tries = 8;

    /// <summary>Which episodes were begun, and what is known of them.</summary>
    public List<KnownEpisode> Episodes { get; } = [];

    /// <summary>Leaves the log of a dead silo, with an ended and a running episode.</summary>
    public async Task LeaveDeadLogAsync()
    {
        var silo = await bench.StartAsync();
        var ended = await OpenAsync(silo);
        await AppendAsync(silo, ended, 12);
        await EndAsync(silo, ended, 0.75);
        await AppendAsync(silo, await OpenAsync(silo), 9);
        bench.Kill(silo);
    }

    /// <summary>The whole run. Returns early where the silo was killed or stopped itself.</summary>
    /// <param name="silo">The silo.</param>
    /// <param name="isKilled">Whether it does nothing any more.</param>
    public async Task RunAsync(BenchSilo silo, Func<bool> isKilled)
    {
        bool IsGone() => isKilled() || silo.Log.Poisoned.IsCompleted;
        try
        {
            await RetryAsync(IsGone, () => RecoverAsync(silo));
            var first = await OpenAsync(silo, IsGone);
            var second = await OpenAsync(silo, IsGone);
            var third = await OpenAsync(silo, IsGone);
            await AppendAsync(silo, first, 10, IsGone);
            await AppendAsync(silo, second, 10, IsGone);
            await EndAsync(silo, first, 0.25, IsGone);
            await ScoreAsync(silo, second, "early", 0.5, IsGone);
            await RoundAsync(silo, IsGone, static rounds => rounds.PackOwnAsync(CancellationToken.None));
            for (var i = 0; i < 4; i++) await AppendAsync(silo, third, 50, IsGone);
            await EndAsync(silo, second, 0.125, IsGone);
            await RoundAsync(silo, IsGone, static rounds => rounds.PackOwnAsync(CancellationToken.None));
            await RoundAsync(silo, IsGone, static async rounds => await rounds.PackDeadAsync(CancellationToken.None));
            await CompactAsync(silo, IsGone);
            await ScoreAsync(silo, first, "late", 0.875, IsGone);
            await EndAsync(silo, third, 1, IsGone);
            await RoundAsync(silo, IsGone, static rounds => rounds.PackOwnAsync(CancellationToken.None));
            await CompactAsync(silo, IsGone);
        }
        catch (SiloGoneException)
        {
            // The next silo goes on from here.
        }
    }

    /// <summary>Records an ended and a running episode on a silo.</summary>
    public async Task RecordAsync(BenchSilo silo)
    {
        var ended = await OpenAsync(silo);
        await AppendAsync(silo, ended, 40);
        await EndAsync(silo, ended, 0.25);
        var running = await OpenAsync(silo);
        for (var i = 0; i < 3; i++) await AppendAsync(silo, running, 50);
    }

    /// <summary>Some rounds of a silo's archive, and scores of what has ended, while another silo does the same.</summary>
    public async Task ArchiveAsync(BenchSilo silo, Random random)
    {
        for (var i = 0; i < 6; i++)
        {
            bench.Time.Advance(TimeSpan.FromHours(1));
            try
            {
                switch (i == 0 ? 0 : random.Next(5))
                {
                    case 0:
                        await silo.Rounds.PackOwnAsync(CancellationToken.None);
                        break;
                    case 1:
                        await silo.Rounds.PackDeadAsync(CancellationToken.None);
                        break;
                    case 2:
                        await TryScoreAsync(silo, random);
                        break;
                    default:
                        await silo.Rounds.CompactAsync(CancellationToken.None);
                        break;
                }
            }
            catch (Exception failure) when (failure is OwnerUnavailableException or ChunkTrimmedException or PackReplacedException or FileNotFoundException)
            {
                // Done by the other one meanwhile: the next round sees what came of it.
            }
        }
    }

    private async Task TryScoreAsync(BenchSilo silo, Random random)
    {
        var ended = Episodes.FindAll(static e => e.Ended);
        var episode = ended[random.Next(ended.Count)];
        // Two scores of two silos at once have no order that a caller knows.
        var (id, value) = ($"{silo.Log.Id}-{random.Next()}", 0.5);
        lock (episode)
        {
            episode.ScoresSent[id] = value;
            episode.FinalScore = double.NaN;
        }

        var reply = (await silo.Activate(episode.Key).ScoreAsync([new ScoreEvent { EventId = id, Name = ScoreEvent.Final, Value = value, Source = "test" }]))[0];
        if (reply.Code != RollbookCode.Ok) return;
        lock (episode) episode.Scored.Add(id);
    }

    private async Task CompactAsync(BenchSilo silo, Func<bool> isGone)
    {
        bench.Time.Advance(TimeSpan.FromHours(1));
        await RoundAsync(silo, isGone, static async rounds => await rounds.CompactAsync(CancellationToken.None));
    }

    private static Task RoundAsync(BenchSilo silo, Func<bool> isGone, Func<ArchiveRounds, ValueTask> round) => RetryAsync(
        isGone,
        async () =>
        {
            await round(silo.Rounds);
            return true;
        });

    private async Task<bool> RecoverAsync(BenchSilo silo)
    {
        await silo.Recovery.FenceDeadAsync(silo.Log.Id, bench, CancellationToken.None);
        return await silo.Recovery.RoundAsync(silo.Log.Id, key => silo.Activate(key).NudgeAsync().AsTask(), CancellationToken.None) == 0;
    }

    private async Task<KnownEpisode> OpenAsync(BenchSilo silo, Func<bool>? isGone = null)
    {
        var episode = new KnownEpisode(bench.NewKey());
        Episodes.Add(episode);
        await RetryAsync(isGone, async () => (await silo.Activate(episode.Key).OpenAsync(BenchSilo.Opening(episode.Key))).Code == RollbookCode.Ok);
        episode.Opened = true;
        return episode;
    }

    private static async Task AppendAsync(BenchSilo silo, KnownEpisode episode, int count, Func<bool>? isGone = null)
    {
        var from = episode.Acknowledged;
        episode.Sent = from + count;
        await RetryAsync(isGone, async () => (await silo.Activate(episode.Key).AppendAsync(BenchSilo.Batch(from, count, episode.Salt))).Code == RollbookCode.Ok);
        episode.Acknowledged = from + count;
    }

    private static async Task EndAsync(BenchSilo silo, KnownEpisode episode, double score, Func<bool>? isGone = null)
    {
        episode.EndSent = true;
        await RetryAsync(isGone, async () => (await silo.Activate(episode.Key).EndAsync(BenchSilo.Completed(episode.Acknowledged, score))).Code == RollbookCode.Ok);
        episode.Ended = true;
        // What a verifier said before stands.
        episode.FinalScore ??= score;
    }

    private static async Task ScoreAsync(BenchSilo silo, KnownEpisode episode, string id, double value, Func<bool> isGone)
    {
        episode.ScoresSent[id] = value;
        var before = episode.FinalScore;
        episode.FinalScore = null;
        await RetryAsync(
            isGone,
            async () => (await silo.Activate(episode.Key).ScoreAsync(
                [new ScoreEvent { EventId = id, Name = ScoreEvent.Final, Value = value, Source = "test" }]))[0].Code == RollbookCode.Ok,
            () => episode.FinalScore = before is null ? null : double.NaN);
        episode.Scored.Add(id);
        episode.FinalScore = value;
    }

    // A fault happens once: whoever tries again gets through, unless the silo is gone.
    private static async Task RetryAsync(Func<bool>? isGone, Func<Task<bool>> call, Action? left = null)
    {
        Exception? last = null;
        for (var i = 0; i < Tries; i++)
        {
            try
            {
                if (await call().WaitAsync(RecorderBench.Patience)) return;
            }
            catch (Exception failure) when (failure is not TimeoutException)
            {
                last = failure;
            }

            if (isGone?.Invoke() == true)
            {
                left?.Invoke();
                throw new SiloGoneException();
            }
        }

        throw new InvalidOperationException($"A call that is repeated still fails: {last?.Message}", last);
    }

    private sealed class SiloGoneException : Exception;
}
