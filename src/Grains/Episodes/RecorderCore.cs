using Rollbook.Recovery;
using Rollbook.StepLog;

namespace Rollbook.Episodes;

/// <summary>What the episodes of one silo share: the log, the seams, and the classes over them. Names no Orleans type.</summary>
public sealed class RecorderCore
{
    /// <summary>Puts the parts together.</summary>
    /// <param name="log">This silo's log.</param>
    /// <param name="headers">The headers.</param>
    /// <param name="registry">The registry of all logs.</param>
    /// <param name="peers">The log services of all silos.</param>
    /// <param name="recovery">Recovery of dead logs.</param>
    /// <param name="time">The clock.</param>
    /// <param name="mintNonce">Gives a text that no other call ever gave, for headers.</param>
    public RecorderCore(
        WriteAheadLog log, IHeaderStore headers, ILogRegistry registry, ILogPeers peers, LogRecovery recovery, TimeProvider time, Func<string> mintNonce)
    {
        Log = log;
        Headers = headers;
        Recovery = recovery;
        Time = time;
        Deadlines = new DeadlineWheel(time, () => !log.IsFull && !log.Poisoned.IsCompleted);
        Library = new LogLibrary(log, registry, recovery, peers);
        Claimer = new EpisodeClaimer(log, headers, registry, peers, recovery, time, mintNonce);
    }

    /// <summary>This silo's log.</summary>
    public WriteAheadLog Log { get; }

    /// <summary>The headers.</summary>
    public IHeaderStore Headers { get; }

    /// <summary>Recovery of dead logs.</summary>
    public LogRecovery Recovery { get; }

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; }

    /// <summary>The deadlines of this silo's episodes.</summary>
    public DeadlineWheel Deadlines { get; }

    internal LogLibrary Library { get; }

    internal EpisodeClaimer Claimer { get; }

    internal ClaimTurns ClaimTurns { get; } = new();

    /// <summary>Unix seconds of this moment.</summary>
    public double Now => Time.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0;
}
