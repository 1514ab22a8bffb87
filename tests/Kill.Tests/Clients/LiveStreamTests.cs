using Rollbook.Client;

namespace Rollbook.Kill.Tests;

/// <summary>Who watches an episode sees each step once and in order, whichever silo is killed.</summary>
public sealed class LiveStreamTests(Azurite azurite)
{
    private const int Before = 20;
    private const int After = 20;
    private static readonly TimeSpan LongestEnd = TimeSpan.FromSeconds(120);

    [Fact]
    public async Task Live_WhenTheOwnerIsKilled_GoesOnFromTheNextOrdinal()
    {
        var cluster = new SiloCluster(azurite, 3, Tier.Settings);
        await Trial.RunAsync(cluster, trial => WatchAsync(cluster, trial));
    }

    private static async Task WatchAsync(SiloCluster cluster, Trial trial)
    {
        trial.Now("steps before the kill");
        var episode = await ProbedEpisode.BeginAsync(cluster, 0, 1);
        using LiveReader moved = new(), stayed = new();
        // One stream goes with the silo and is opened again elsewhere, the other is at a silo that stays.
        var first = moved.ReadAsync(cluster[0].Address, episode.Id);
        var other = stayed.ReadAsync(cluster[2].Address, episode.Id);
        using var writer = cluster[1].Client(TimeSpan.FromSeconds(300));
        for (var step = 0; step < Before; step++) await episode.AppendAsync(writer, 1);
        await moved.ReachedAsync(1 + Before);
        await stayed.ReachedAsync(1 + Before);

        trial.Now("the kill, and the next step");
        var killed = TimeProvider.System.GetTimestamp();
        await cluster[0].KillAsync();
        Assert.False(await first);
        var resumed = ResumeAsync(moved, cluster[1].Address, episode.Id);
        await episode.AppendAsync(writer, 1);
        await moved.ReachedAsync(2 + Before);
        var after = TimeProvider.System.GetElapsedTime(killed);
        trial.Now("steps after it, and the end");
        for (var step = 1; step < After; step++) await episode.AppendAsync(writer, 1);
        await writer.EndAsync(episode.Id, new EpisodeEnd { NextOrdinal = episode.Next, WriterEpoch = episode.WriterEpoch });
        await resumed.WithinAsync(LongestEnd, () => "The stream that was opened again did not end");
        Assert.True(await other.WithinAsync(LongestEnd, () => "The stream that stayed open did not end"));

        foreach (var reader in (LiveReader[])[moved, stayed])
        {
            Assert.Equal(episode.Next, reader.Steps.Count);
            for (var at = 0; at < reader.Steps.Count; at++) Assert.Null(Checker.Difference(episode.Journal.Step(at), reader.Steps[at], at));
        }

        Figures.Report("Live", FormattableString.Invariant($"the next step of a watched episode {after.TotalSeconds:0.0} s after its owner's kill, at another silo; {episode.Next} steps, each once, on two streams"));
    }

    private static async Task ResumeAsync(LiveReader reader, Uri silo, string episode)
    {
        while (!await reader.ReadAsync(silo, episode)) await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
    }
}
