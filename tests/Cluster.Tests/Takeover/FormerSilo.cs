using Microsoft.Extensions.Logging.Abstractions;
using Rollbook.Archive;
using Rollbook.Cluster.Tests.Silos;
using Rollbook.Episodes;
using Rollbook.Hosting;
using Rollbook.Recovery;
using Rollbook.StepLog;
using Rollbook.Testing;

namespace Rollbook.Cluster.Tests.Takeover;

/// <summary>A process that recorded over a cluster's storage and is gone: its log and its registry row are left.</summary>
internal sealed class FormerSilo
{
    private readonly RecorderCore core;

    private FormerSilo(RecorderCore core) => this.core = core;

    public LogId Log => core.Log.Id;

    public static async Task<FormerSilo> StartAsync(RecorderCluster cluster, SiloAddress address)
    {
        var stores = cluster.Stores;
        var log = new WriteAheadLog(LogId.New(TimeProvider.System), stores.Storage, stores.Indexes, new StepLogOptions(), TimeProvider.System, new StepLogMeter());
        await log.StartAsync(CancellationToken.None);
        await stores.Registry.InsertAsync(
            new LogRow { Log = log.Id, Address = address.Endpoint.ToString(), Generation = address.Generation, BootId = "b", ProcessId = 1, CreatedAt = 0 },
            CancellationToken.None);
        var frames = new FrameSource(stores.Storage, new PackedLogs(new ManifestStore(stores.Archive), stores.Archive));
        var recovery = new LogRecovery(stores.Registry, stores.Storage, stores.Indexes, stores.Headers, frames, TimeProvider.System, NullLogger<LogRecovery>.Instance);
        var peers = new EmbeddedLogPeers(new LogService(log), log);
        return new FormerSilo(new RecorderCore(log, stores.Headers, stores.Registry, peers, recovery, frames, TimeProvider.System, () => Guid.NewGuid().ToString("N")));
    }

    /// <summary>Records an episode, and leaves it open.</summary>
    public async Task<EpisodeKey> OpenAsync(int steps)
    {
        var key = new EpisodeKey(EpisodeKey.DefaultProject, EpisodeId.New(TimeProvider.System));
        var owner = new EpisodeOwner(key, core, static _ => { }, static () => { });
        await owner.OpenAsync(new OpenEpisode
        {
            Record = new EpisodeRecord { Key = key, Worker = "w", Task = "t", VariantId = "v", StartTime = 1, DeadlineSeconds = 600, StartHash = 7 },
        });
        Assert.Equal(RollbookCode.Ok, (await owner.AppendAsync(TakeoverTests.Batch(0, steps))).Code);
        return key;
    }
}
