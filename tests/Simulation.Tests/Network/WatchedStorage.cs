using Rollbook.Simulation.Tests.Engine;
using Rollbook.Simulation.Tests.Mutations;
using Rollbook.StepLog;

namespace Rollbook.Simulation.Tests.Network;

/// <summary>A silo's own device, whose calls are moments at which something may happen.</summary>
internal sealed class WatchedStorage(World world, IStepLogStorage inner, Func<bool> moment, Action<LogId> fenceBegins) : StorageDecorator(inner)
{
    public override ValueTask AppendAsync(LogId log, ChunkAddress at, ReadOnlyMemory<byte> chunk, CancellationToken cancellation)
    {
        moment();
        return Inner.AppendAsync(log, at, chunk, cancellation);
    }

    public override async ValueTask<LogEnd> FenceAsync(LogId log, long trimmedTo, CancellationToken cancellation)
    {
        fenceBegins(log);
        var end = await Inner.FenceAsync(log, trimmedTo, cancellation);
        world.Log($"log {log.Value & 0xFFFF:x4} fenced at {end.Fence}, probed from {trimmedTo}");
        return end;
    }

    public override async ValueTask TrimAsync(LogId log, long to, CancellationToken cancellation)
    {
        await Inner.TrimAsync(log, to, cancellation);
        world.Log($"log {log.Value & 0xFFFF:x4} freed below {to}");
    }
}
