using System.Globalization;
using Rollbook.Client;

namespace Rollbook.Kill.Tests;

/// <summary>What recording costs in writes to the storage: one for each commit, whatever the step rate, and none where nothing comes.</summary>
public sealed class WriteCostTests(Azurite azurite)
{
    private const int Episodes = 50;
    private const int StepsPerSecond = 2000;
    private const int WritesPerMillion = 11_000;

    // The time in which each episode has one step.
    private static readonly TimeSpan Turn = TimeSpan.FromMilliseconds(1000.0 * Episodes / StepsPerSecond);

    [Fact]
    public async Task Write_AtTwoThousandStepsASecond_CostsOneBlobACommitAndNoneWhenIdle()
    {
        await using var relay = new StorageRelay(azurite.ConnectionString, System.Net.IPAddress.Loopback);
        var settings = new Dictionary<string, string>
        {
            ["Rollbook__StepLog__CommitMilliseconds"] = "50",
            ["Rollbook__Cluster__WatchSeconds"] = "1",
            ["Rollbook__Archive__PackSeconds"] = "3600",
        };
        var cluster = new SiloCluster(azurite, 1, settings, relay.ConnectionString);
        await Trial.RunAsync(cluster, trial => WriteAsync(cluster, relay, trial));
    }

    private static async Task WriteAsync(SiloCluster cluster, StorageRelay relay, Trial trial)
    {
        var turns = Tier.Number("ROLLBOOK_WRITE_SECONDS", 10) * StepsPerSecond / Episodes;
        trial.Now("episodes begin");
        using var client = cluster[0].Client(TimeSpan.FromSeconds(60));
        var started = await Task.WhenAll(Enumerable.Range(0, Episodes).Select(worker => client.StartAsync(
            FormattableString.Invariant($"paced.{worker}"), new EpisodeStart { Task = "paced", VariantId = "cost" })));

        trial.Now("steps at their pace");
        relay.Clear();
        var begun = TimeProvider.System.GetTimestamp();
        var last = Enumerable.Repeat(Task.CompletedTask, Episodes).ToArray();
        for (var turn = 0; turn < turns; turn++)
        {
            // Each episode's steps in order, one request behind the other; the episodes side by side, as workers are.
            for (var worker = 0; worker < Episodes; worker++) last[worker] = AppendAfterAsync(last[worker], client, started[worker], worker, turn);
            if ((turn + 1) * Turn - TimeProvider.System.GetElapsedTime(begun) is { Ticks: > 0 } early) await Task.Delay(early, TimeProvider.System);
        }

        await Task.WhenAll(last);
        var took = TimeProvider.System.GetElapsedTime(begun);
        var steps = Episodes * turns;
        var writes = new StorageTally(relay.Requests, cluster).Writes;
        // By time, not by steps: on a machine that is too slow for the rate the commits go on at theirs.
        var perMillion = writes / took.TotalSeconds / StepsPerSecond * 1_000_000;

        trial.Now("nothing comes");
        await relay.MoreAsync(1, (_, target) => target.Contains(cluster.Tables.LogTable, StringComparison.Ordinal), "the silo's look at its own row");
        relay.Clear();
        await relay.MoreAsync(5, (_, target) => target.Contains(cluster.Tables.LogTable, StringComparison.Ordinal), "five looks of an idle silo at its own row");
        var idle = new StorageTally(relay.Requests, cluster);
        Figures.Report("Writes", string.Create(
            CultureInfo.InvariantCulture,
            $"{writes} blobs for {steps} steps in {took.TotalSeconds:0.0} s ({steps / took.TotalSeconds:0} steps/s): {perMillion:0} writes per million steps at {StepsPerSecond} steps/s with a commit each 50 ms; {idle.Writes} while idle"));
        Assert.True(perMillion <= WritesPerMillion, $"{perMillion:0} writes per million steps");
        Assert.Equal(0, idle.Writes + idle.OtherLog);
    }

    private static async Task AppendAfterAsync(Task before, RollbookHttpClient client, StartedEpisode episode, int worker, int ordinal)
    {
        await before;
        await client.AppendAsync(episode.EpisodeId, ordinal, StepContent.Lines(7, worker, 0, ordinal, 1), episode.WriterEpoch);
    }
}
