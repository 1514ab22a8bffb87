namespace Rollbook.Cli;

/// <summary>
/// One measured stretch of load over a set of episodes: it tells each how much to send next until its time or its steps are over, and takes
/// the acknowledgements.
/// </summary>
internal sealed class LoadRun
{
    private readonly TimeProvider _time;
    private readonly long[] _begun;
    private readonly long? _steps;
    private readonly TimeSpan _length;
    private readonly long _start;
    private long _end;
    private long _retries;

    /// <summary>Begins now.</summary>
    /// <param name="episodes">The episodes; they go on where the run before left them.</param>
    /// <param name="batch">Steps an append.</param>
    /// <param name="length">How long, where no number of steps is given.</param>
    /// <param name="steps">Steps an episode, however long that takes; null: as many as the time allows.</param>
    /// <param name="time">The clock.</param>
    public LoadRun(IReadOnlyList<LoadEpisode> episodes, int batch, TimeSpan length, long? steps, TimeProvider time)
    {
        Episodes = episodes;
        Batch = batch;
        _length = length;
        _steps = steps;
        _time = time;
        _begun = [.. episodes.Select(episode => episode.Next)];
        _start = _end = time.GetTimestamp();
    }

    public IReadOnlyList<LoadEpisode> Episodes { get; }

    public int Batch { get; }

    /// <summary>Steps a second that are offered; null: as many as are taken.</summary>
    public double? Rate { get; init; }

    /// <summary>From sending a request, or from when it was due, to its acknowledgement.</summary>
    public LatencyHistogram Latency { get; } = new();

    /// <summary>Acknowledged steps.</summary>
    public long Steps => Episodes.Sum(episode => episode.Next - _begun[episode.Number]);

    /// <summary>Bytes of JSON of the acknowledged steps.</summary>
    public long Bytes => Episodes.Sum(episode => BytesUpTo(episode.Next) - BytesUpTo(_begun[episode.Number]));

    /// <summary>Appends that were sent again, since the recorder was busy or its answer was "unknown".</summary>
    public long Retries => Interlocked.Read(ref _retries);

    /// <summary>From the beginning to the last acknowledgement so far.</summary>
    public TimeSpan Elapsed => _time.GetElapsedTime(_start, Interlocked.Read(ref _end));

    /// <summary>How much of it is done, 0 to 1.</summary>
    public double Progress => Math.Min(1, _steps is { } steps ? (double)Steps / (steps * Episodes.Count) : _time.GetElapsedTime(_start) / _length);

    public long Now() => _time.GetTimestamp();

    /// <summary>Waits until an episode's turn is due; where there is no rate, or it is late, it is due at once.</summary>
    /// <param name="episode">The episode, or the first of those that are sent together.</param>
    /// <param name="turn">How many turns it had.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>The timestamp from which the time to the acknowledgement counts: a recorder that is slow does not slow the clock.</returns>
    public async ValueTask<long> DueAsync(LoadEpisode episode, long turn, CancellationToken cancellation)
    {
        if (Rate is not { } rate)
            return Now();
        // All take their turns once in a period, spread over it.
        var due = TimeSpan.FromSeconds((turn + ((double)episode.Number / Episodes.Count)) * Episodes.Count * Batch / rate);
        var wait = due - _time.GetElapsedTime(_start);
        if (wait > TimeSpan.Zero)
            await Task.Delay(wait, _time, cancellation);
        return _start + (long)(due.TotalSeconds * _time.TimestampFrequency);
    }

    /// <summary>How many steps the episode sends next, from <see cref="LoadEpisode.Next"/>; 0: it is done.</summary>
    public int Take(LoadEpisode episode)
    {
        if (episode.Pending > 0)
            return episode.Pending;
        if (_steps is { } steps)
            return episode.Pending = (int)Math.Min(Batch, steps - (episode.Next - _begun[episode.Number]));
        return episode.Pending = _time.GetElapsedTime(_start) < _length ? Batch : 0;
    }

    /// <summary>What the episode had sent is durable.</summary>
    /// <param name="episode">The episode.</param>
    /// <param name="sent">The timestamp of the sending.</param>
    public void Acknowledged(LoadEpisode episode, long sent)
    {
        var now = _time.GetTimestamp();
        episode.Acknowledge();
        Latency.Record(_time.GetElapsedTime(sent, now));
        // A later one may be written over by an earlier one of the same microsecond, which no figure shows.
        Volatile.Write(ref _end, now);
    }

    public void Retried() => Interlocked.Increment(ref _retries);

    private static long BytesUpTo(long ordinal) => (ordinal * StepPool.PlainBytes) + (ordinal / StepPool.DiffEvery * StepPool.DiffBytes);
}
