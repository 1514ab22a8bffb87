namespace Rollbook.Cli;

/// <summary>One episode of a run. One loop at a time works on it; others may read how far it is.</summary>
internal sealed class LoadEpisode(int number)
{
    private long _next;

    /// <summary>From 0; with the ordinal, it gives a step's content.</summary>
    public int Number => number;

    /// <summary>The recorder's id, once it was started.</summary>
    public string Id { get; set; } = "";

    public long WriterEpoch { get; set; }

    /// <summary>The ordinal behind the last acknowledged step.</summary>
    public long Next => Volatile.Read(ref _next);

    /// <summary>Steps that were sent and not yet acknowledged: the same ones are sent again where the answer was "unknown".</summary>
    public int Pending { get; set; }

    public void Acknowledge()
    {
        Volatile.Write(ref _next, _next + Pending);
        Pending = 0;
    }
}
