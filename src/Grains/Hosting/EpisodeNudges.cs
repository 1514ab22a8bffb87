using Microsoft.Extensions.Logging;
using Orleans.Runtime.Placement;

namespace Rollbook.Hosting;

/// <summary>Wakes episodes that a dead log left unfinished, one silo after another: they must not all go to the one that wakes them.</summary>
internal sealed partial class EpisodeNudges(IGrainFactory grains, ISiloStatusOracle silos, TimeProvider time, ILogger<EpisodeNudges> logger)
{
    // Just after a death the directory still names the dead silo here and there.
    private const int Tries = 4;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    private int turn;

    /// <summary>Wakes an episode.</summary>
    /// <returns>A term that its header has reached; null where nothing is known: the next round wakes it again.</returns>
    public async Task<long?> NudgeAsync(EpisodeKey key)
    {
        for (var tries = 1; ; tries++)
        {
            if (tries > 1) await Task.Delay(Pause, time);
            try
            {
                return await WakeAsync(key);
            }
            catch (Exception failure)
            {
                LogNudgeFailed(failure, key);
                // Who doesn't answer in the time that a call has won't in a moment.
                if (failure is not OrleansException || tries == Tries) return null;
            }
        }
    }

    private async Task<long?> WakeAsync(EpisodeKey key)
    {
        var active = silos.GetActiveSilos();
        // Only for one that is not active yet.
        if (active.Length > 1) RequestContext.Set(IPlacementDirector.PlacementHintKey, active[(int)((uint)Interlocked.Increment(ref turn) % active.Length)]);
        return await grains.GetGrain<IEpisodeGrain>(key.ToString()).Nudge();
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "The episode {Key} was not woken; it is tried again.")]
    private partial void LogNudgeFailed(Exception failure, EpisodeKey key);
}
