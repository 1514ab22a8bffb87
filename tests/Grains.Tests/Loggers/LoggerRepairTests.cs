using Microsoft.Extensions.Time.Testing;
using Rollbook.Episodes;
using Rollbook.Loggers;
using Xunit;

namespace Rollbook.Grains.Tests.Loggers;

/// <summary>What a worker's logger makes good that calls before it could not do.</summary>
public sealed class LoggerRepairTests
{
    [Fact]
    public async Task Read_WhenTheEpisodeThatCameAfterWasDeleted_SupersedesTheOneBefore()
    {
        var plan = new CrashPlan(new Random(1));
        var store = new CrashingStore(plan);
        var episodes = new CrashingEpisodes(plan, store);
        var (before, deleted) = (Entry(1), Entry(2));
        await store.WriteAsync(new LoggerState().Begin(EpisodeKey.DefaultProject, "w", before).Begin(EpisodeKey.DefaultProject, "w", deleted).Drop(deleted.Id));
        episodes.Records[before.Id] = new EpisodeRecord
        {
            Key = new EpisodeKey(EpisodeKey.DefaultProject, before.Id), Worker = "w", Task = "t", VariantId = "v", StartTime = 1,
        };
        var owner = new LoggerOwner(store, episodes, new FakeTimeProvider());

        var view = await owner.ReadAsync();

        Assert.Equal(EpisodeStatus.Superseded, episodes.Records[before.Id].Status);
        Assert.Equal("superseded by an episode that was deleted since", episodes.Records[before.Id].EndCause);
        Assert.Null(view.Current);
        Assert.Equal(before.Id, Assert.Single(view.History).Id);
        Assert.True(owner.Repaired);
    }

    private static LoggerEntry Entry(int id) => new() { Id = new EpisodeId((UInt128)id), StartTime = id };
}
