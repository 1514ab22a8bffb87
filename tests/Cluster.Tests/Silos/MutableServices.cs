using Rollbook.Testing;

namespace Rollbook.Cluster.Tests.Silos;

/// <summary>The log services of the silos, some of which don't answer.</summary>
internal sealed class MutableServices(ILogServiceClient inner, MutedSilos muted) : ILogServiceClient
{
    public ILogGrainService Of(SiloAddress silo) => muted.Contains(silo) ? Silence() : inner.Of(silo);

    private static ILogGrainService Silence() => FakeGrain.Of<ILogGrainService>(static (name, _) => name switch
    {
        nameof(ILogGrainService.Release) => new TaskCompletionSource<ReleaseAnswer>().Task,
        nameof(ILogGrainService.Frames) => new TaskCompletionSource<FramesAnswer>().Task,
        nameof(ILogGrainService.Held) => new TaskCompletionSource<HeldAnswer>().Task,
        _ => new TaskCompletionSource<PeerOutcome>().Task,
    });
}
