using Microsoft.Extensions.DependencyInjection;
using Rollbook.Archive;
using Rollbook.Cluster.Tests.Silos;
using Rollbook.Cluster.Tests.Takeover;
using Rollbook.Episodes;

namespace Rollbook.Cluster.Tests.History;

public sealed class ArchiveTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task Compact_OnOneSilo_SealsTheEpisodesOfAllAndAnySiloReadsAndScoresThem()
    {
        await using var cluster = await RecorderCluster.StartAsync(3, silo: static silo => silo.Services.PostConfigure<ArchiveOptions>(
            static options => (options.PackSeconds, options.CompactSeconds) = (1, 1)));
        var keys = new List<EpisodeKey>();
        for (var i = 0; i < 6; i++)
        {
            var key = await cluster.OpenAsync(i % 3);
            await cluster.Episode(0, key).Append(TakeoverTests.Batch(0, 4));
            var end = await cluster.Episode(1, key).End(new EndEpisode { Status = EpisodeStatus.Completed, FinalScore = 0.5, NextOrdinal = 4 });
            Assert.Equal(RollbookCode.Ok, end.Code);
            keys.Add(key);
        }

        await RecorderCluster.UntilAsync(
            "every episode to be sealed", () => Task.FromResult(keys.TrueForAll(key => cluster.Stores.Header(key).State == HeaderState.Archived)));

        // Headers move first, the manifest after them.
        var manifests = new ManifestStore(cluster.Stores.Archive);
        await RecorderCluster.UntilAsync("the compaction to be over", async () =>
            await manifests.ReadAsync(EpisodeKey.DefaultProject, None) is { Staged: null } manifest && manifest.Packs.Any(static pack => pack.Day is not null));
        foreach (var key in keys)
        {
            for (var silo = 0; silo < 3; silo++)
            {
                await TakeoverTests.AssertStepsAsync(cluster, silo, key, 4);
                var view = await RecorderCluster.FinallyAsync(() => cluster.Episode(silo, key).Read(), static v => v.Code);
                Assert.Equal((EpisodeStatus.Completed, 0.5), (view.Record!.Status, view.Record.FinalScore));
            }

            var late = new ScoreEvent { EventId = "late", Name = ScoreEvent.Final, Value = 1, Source = "s" };
            var scored = await RecorderCluster.FinallyAsync(() => cluster.Episode(2, key).Score([late]), static r => r[0].Code);
            Assert.Equal(1, scored[0].FinalScore);
        }
    }
}
