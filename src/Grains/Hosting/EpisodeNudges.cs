using Microsoft.Extensions.Logging;
using Orleans.Runtime.Placement;

namespace Rollbook.Hosting;

/// <summary>Wakes episodes that a dead log left unfinished, one silo after another: they must not all go to the one that wakes them.</summary>
internal sealed partial class EpisodeNudges(IGrainFactory grains, ISiloStatusOracle silos, ILogger<EpisodeNudges> logger)
{
    private int turn;

    /// <summary>Wakes an episode.</summary>
    /// <returns>A term that its header has reached; null where nothing is known: the next round wakes it again.</returns>
    public async Task<long?> NudgeAsync(EpisodeKey key)
    {
        try
        {
            var active = silos.GetActiveSilos();
            // Only for one that is not active yet.
            if (active.Length > 1) RequestContext.Set(IPlacementDirector.PlacementHintKey, active[(int)((uint)Interlocked.Increment(ref turn) % active.Length)]);
            return await grains.GetGrain<IEpisodeGrain>(key.ToString()).Nudge();
        }
        catch (Exception failure)
        {
            LogNudgeFailed(failure, key);
            return null;
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "The episode {Key} was not woken; the next round tries again.")]
    private partial void LogNudgeFailed(Exception failure, EpisodeKey key);
}
