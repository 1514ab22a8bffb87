using Microsoft.Extensions.Logging;
using Rollbook.Archive;
using Rollbook.Recovery;
using Rollbook.StepLog;

namespace Rollbook.Episodes;

/// <summary>What the episodes of one silo share: the log, the seams, and the classes over them. Names no Orleans type.</summary>
public sealed class RecorderCore
{
    private readonly Func<string> mintNonce;
    private readonly Func<bool> mayAnswer;

    /// <summary>Puts the parts together.</summary>
    /// <param name="log">This silo's log.</param>
    /// <param name="headers">The headers.</param>
    /// <param name="registry">The registry of all logs.</param>
    /// <param name="peers">The log services of all silos.</param>
    /// <param name="recovery">Recovery of dead logs.</param>
    /// <param name="frames">Reads frames, from logs and packs.</param>
    /// <param name="time">The clock.</param>
    /// <param name="mintNonce">Gives a text that no other call ever gave, for headers.</param>
    /// <param name="registered">Completes when the registry has the log's row: no episode is claimed before. Null = it has it.</param>
    /// <param name="mayAnswer">False where this silo can't know that its log is still its own: reads are refused. Null = it always knows.</param>
    public RecorderCore(
        WriteAheadLog log, IHeaderStore headers, ILogRegistry registry, ILogPeers peers, LogRecovery recovery, FrameSource frames, TimeProvider time,
        Func<string> mintNonce, Task? registered = null, Func<bool>? mayAnswer = null)
    {
        Log = log;
        Headers = headers;
        Recovery = recovery;
        Frames = frames;
        this.mintNonce = mintNonce;
        this.mayAnswer = mayAnswer ?? (static () => true);
        Time = time;
        var rows = new LogRows(registry);
        Deadlines = new DeadlineWheel(time, () => !log.IsFull && !log.Poisoned.IsCompleted);
        Library = new LogLibrary(log, rows, recovery, peers);
        Claimer = new EpisodeClaimer(log, headers, rows, peers, recovery, frames, time, mintNonce, registered ?? Task.CompletedTask);
    }

    /// <summary>This silo's log.</summary>
    public WriteAheadLog Log { get; }

    /// <summary>The headers.</summary>
    public IHeaderStore Headers { get; }

    /// <summary>
    /// Whether reads may be answered from this silo's log. A silo that is cut off from storage may have lost its episodes to others, and would show an old state as
    /// the present one.
    /// </summary>
    public bool MayAnswer => mayAnswer();

    /// <summary>Recovery of dead logs.</summary>
    public LogRecovery Recovery { get; }

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; }

    /// <summary>The deadlines of this silo's episodes.</summary>
    public DeadlineWheel Deadlines { get; }

    /// <summary>Reads frames, from logs and packs.</summary>
    public FrameSource Frames { get; }

    internal LogLibrary Library { get; }

    internal EpisodeClaimer Claimer { get; }

    internal ClaimTurns ClaimTurns { get; } = new();

    /// <summary>An archiver of the logs that can be read from here.</summary>
    public Archiver NewArchiver(IArchiveStore store, ManifestStore manifests, ArchiveOptions options) =>
        new(Log.Storage, store, manifests, Headers, Library, Frames, options, Time);

    /// <summary>A compactor of the projects whose episodes can be read from here.</summary>
    public Compactor NewCompactor(
        IArchiveStore store, ManifestStore manifests, ILogIndexStore indexes, ILogRegistry registry, ArchiveOptions options, Func<LogId> mintLog,
        ILogger<Compactor> logger) =>
        new(this, store, manifests, indexes, registry, options, new EpisodeSealer(Claimer, Log, Headers, mintNonce), mintLog, logger);

    /// <summary>What deletes the episodes that can be read from here.</summary>
    internal Deletions NewDeletions(
        IArchiveStore store, ManifestStore manifests, IDoomedEpisodes doomed, Func<LogId> mintReceipt, ILogger<Deletions> logger) =>
        new(this, manifests, new DeletionReceipts(store), new EpisodeSealer(Claimer, Log, Headers, mintNonce), doomed, mintReceipt, logger);

    /// <summary>What takes deleted episodes out of the files.</summary>
    internal Eraser NewEraser(
        IArchiveStore store, ManifestStore manifests, ILogRegistry registry, ArchiveOptions options, Func<LogId> mintLog, ILogger<Eraser> logger) =>
        new(this, store, manifests, registry, new DeletionReceipts(store), options, mintLog, logger);

    /// <summary>Unix seconds of this moment.</summary>
    public double Now => Time.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0;
}
