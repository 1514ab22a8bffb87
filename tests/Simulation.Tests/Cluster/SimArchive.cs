using Rollbook.Archive;
using Rollbook.Episodes;
using Rollbook.Simulation.Tests.Engine;
using Rollbook.Simulation.Tests.Mutations;
using Rollbook.StepLog;

namespace Rollbook.Simulation.Tests.Cluster;

/// <summary>The archive's rounds of one silo, at moments that the seed chooses.</summary>
internal sealed class SimArchive(World world, SimClock clock, ArchiveRounds rounds, RecorderCore core, ILogRegistry registry, Mutation mutation)
{
    public async Task RunAsync()
    {
        while (true)
        {
            await Task.Delay(world.Between(0.1, 4), clock);
            try
            {
                if (mutation.FreesUnpacked) await FreeUnpackedAsync();
                await (world.Random.Next(8) switch
                {
                    < 5 => rounds.PackOwnAsync(CancellationToken.None).AsTask(),
                    5 => rounds.PackDeadAsync(CancellationToken.None).AsTask(),
                    _ => rounds.CompactAsync(CancellationToken.None).AsTask(),
                });
            }
            catch (Exception failure) when (failure is TimeoutException or LogPoisonedException or OwnerUnavailableException or ChunkTrimmedException or PackReplacedException or FileNotFoundException)
            {
                // Unknown, away, or done by another: the next round sees what came of it.
            }
            catch (Exception failure)
            {
                world.Fail($"a round of the archive failed: {failure}");
            }
        }
    }

    private async Task FreeUnpackedAsync()
    {
        var (to, row) = (core.Log.FreeableTo, await registry.ReadAsync(core.Log.Id, CancellationToken.None));
        if (row is not { State: LogState.Open } || row.TrimmedTo >= to) return;
        if (await registry.ReplaceAsync(row with { TrimmedTo = to }, CancellationToken.None) is not null)
            await core.Log.Storage.TrimAsync(core.Log.Id, to, CancellationToken.None);
    }
}
