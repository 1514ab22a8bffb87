using Orleans.Runtime.Placement;

namespace Rollbook.Hosting;

/// <summary>
/// Brings a new episode to the silo whose edge (HTTP, or the grain that takes the gateway's steps) was asked to begin it: its worker keeps that connection, and records
/// without a hop. The worker's logger, which opens the episode, may be anywhere.
/// </summary>
internal sealed class EdgeHint(ILocalSiloDetails silo)
{
    private const string Key = "rollbook.edge";

    /// <summary>The edge tells where it is, for the calls that follow.</summary>
    public void Give() => RequestContext.Set(Key, silo.SiloAddress);

    /// <summary>The logger is about to call the episode for the first time.</summary>
    public static void Take()
    {
        if (RequestContext.Get(Key) is SiloAddress edge) RequestContext.Set(IPlacementDirector.PlacementHintKey, edge);
    }
}
