namespace Rollbook.Client;

/// <summary>The pauses between the tries of one call: exponential with jitter, within a window that begins with the first failure.</summary>
internal sealed class Backoff(RollbookHttpOptions options, Func<double> jitter)
{
    private long? _firstFailure;
    private int _failures;

    /// <summary>Forgets earlier failures: the call made progress.</summary>
    public void Reset()
    {
        _firstFailure = null;
        _failures = 0;
    }

    /// <summary>Waits before the next try; false at once when the window is over.</summary>
    public async ValueTask<bool> PauseAsync(TimeSpan? retryAfter, CancellationToken cancellationToken)
    {
        var time = options.TimeProvider;
        _firstFailure ??= time.GetTimestamp();
        var left = options.GiveUpAfter - time.GetElapsedTime(_firstFailure.Value);
        if (left <= TimeSpan.Zero)
            return false;

        // 2^20 first delays are beyond any sensible MaxDelay; the bound keeps the shift from overflowing.
        var ceiling = Math.Min(options.MaxDelay.Ticks, options.FirstDelay.Ticks * (1L << Math.Min(_failures++, 20)));
        // Half to whole: spreads the workers of a restarted recorder, and never hammers.
        var pause = TimeSpan.FromTicks((long)(ceiling * (0.5 + (jitter() / 2))));
        if (retryAfter > pause)
            pause = retryAfter.Value;
        if (pause > left)
            pause = left;

        await Task.Delay(pause, time, cancellationToken).ConfigureAwait(false);
        return true;
    }
}
