using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Rollbook.Archive;
using Rollbook.StepLog;

namespace Rollbook.Cluster.Tests.Silos;

/// <summary>The archive's work is never this silo's turn: packing a dead log reads its chunks and its episodes' headers too, and would be counted with what a take-over reads.</summary>
internal sealed class NoDuties : IArchiveDuties
{
    public ValueTask<(bool Mine, IReadOnlyCollection<LogId> Packed)> PackDeadAsync(IReadOnlyCollection<LogId> packed, CancellationToken cancellation) =>
        ValueTask.FromResult<(bool, IReadOnlyCollection<LogId>)>((false, []));

    public ValueTask<bool> CompactAsync(string project, CancellationToken cancellation) => ValueTask.FromResult(false);

    /// <summary>Gives a silo no turn.</summary>
    public static void Give(ISiloBuilder silo) => silo.Services.Replace(ServiceDescriptor.Singleton<IArchiveDuties, NoDuties>());
}
