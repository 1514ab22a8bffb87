using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;
using Rollbook.Archive;
using Rollbook.Cluster.Tests.Silos;
using Rollbook.Cluster.Tests.Takeover;
using Rollbook.StepLog;
using Rollbook.Testing;

namespace Rollbook.Cluster.Tests.Recovery;

/// <summary>What is promised of a silo's death with many open episodes, over an object store and headers that take 5 ms for each call.</summary>
public sealed class SiloDeathTests
{
    private const int AtOnce = 256;
    private static readonly TimeSpan Call = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan Promised = TimeSpan.FromSeconds(30);

    // Other work may share the machine.
    private static readonly TimeSpan Longest = Environment.GetEnvironmentVariable("ROLLBOOK_EXACT_TIMES") == "1" ? Promised : 10 * Promised;

    [Fact]
    public async Task Kill_OfASiloWithThousandsOfEpisodes_CostsTwoHeaderCallsEachAndOneReadingAndSeconds()
    {
        var episodes = Environment.GetEnvironmentVariable("ROLLBOOK_OPEN_EPISODES") is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : 10_000;
        await using var cluster = await RecorderCluster.StartAsync(3, Patient, Undisturbed, new SlowCalls(Call, TimeProvider.System));
        var keys = new EpisodeKey[episodes];
        await EachAsync(episodes, async i => keys[i] = await cluster.OpenAsync(0));
        await EachAsync(episodes, async i => AssertOk(await cluster.Episode(0, keys[i]).Append(TakeoverTests.Batch(0, 3))));
        var (dead, silo) = (cluster.Log(0), cluster.Silos[0]);
        cluster.Stores.Headers.Calls.Clear();
        cluster.Stores.Objects!.Clear();
        var declared = Task.WhenAny(DeclaredAsync(cluster, 1, silo.SiloAddress), DeclaredAsync(cluster, 2, silo.SiloAddress));

        await cluster.KillAsync(silo);
        var at = await await declared;
        LogRow? row = null;
        await RecorderCluster.UntilAsync(
            "the log to be recovered", async () => (row = await cluster.Stores.Registry.ReadAsync(dead, CancellationToken.None))!.State >= LogState.Recovered, 2 * Longest);
        var claimed = TimeProvider.System.GetElapsedTime(at, cluster.Stores.Headers.WrittenAt);
        await EachAsync(episodes, async i => AssertOk(await cluster.Episode(i % 2, keys[i]).Append(TakeoverTests.Batch(3, 1))));
        var written = TimeProvider.System.GetElapsedTime(at);

        var calls = keys.Sum(key => cluster.Stores.Headers.Calls.GetValueOrDefault(key));
        var reads = cluster.Stores.Objects.ReadsOf(dead, row!.Fence!.Value);
        Figures.Report("Death", string.Create(
            CultureInfo.InvariantCulture,
            $"a silo's death with {episodes} open episodes over stores that take {Call.TotalMilliseconds} ms a call: from its declaration to the last claim {claimed.TotalSeconds:0.0} s, until each had taken its next step "
            + $"{written.TotalSeconds:0.0} s; {(double)calls / episodes:0.00} operations on headers an episode; {reads.Count} chunks of the dead log, each read {reads.Min()} to {reads.Max()} times"));
        Assert.All(keys, key => Assert.Equal(2, cluster.Stores.Headers.Calls[key]));
        Assert.All(reads, static times => Assert.Equal(1, times));
        Assert.True(written <= Longest, $"The last episode was written to again {written} after the death was declared, expected at most {Longest}.");
    }

    private static void Patient(ClusterOptions options) => (options.CallSeconds, options.WatchSeconds) = (30, 1);

    // A starved silo would be taken for dead.
    private static void Undisturbed(ISiloBuilder silo)
    {
        NoDuties.Give(silo);
        silo.Services.Configure<ArchiveOptions>(static archive => archive.PackSeconds = 3600);
        silo.Services.Configure<ClusterMembershipOptions>(static membership => membership.ProbeTimeout = TimeSpan.FromSeconds(3));
    }

    private static async Task<long> DeclaredAsync(RecorderCluster cluster, int at, SiloAddress silo)
    {
        await foreach (var seen in cluster.Service<IClusterMembershipService>(at).MembershipUpdates)
            if (seen.GetSiloStatus(silo) == SiloStatus.Dead) return TimeProvider.System.GetTimestamp();
        throw new InvalidOperationException("The membership ended before a silo's death was seen.");
    }

    private static Task EachAsync(int episodes, Func<int, Task> act) =>
        Parallel.ForEachAsync(Enumerable.Range(0, episodes), new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (i, _) => await act(i));

    private static void AssertOk(AppendReply reply) => Assert.Equal(RollbookCode.Ok, reply.Code);
}
