using System.Globalization;
using Rollbook.Archive;
using Rollbook.StepLog;

namespace Rollbook.Cli;

/// <summary>
/// Proves the indexes. One of a segment that is still there can be made again; of what is freed it is the only way from an episode to its packs, so those must be
/// whole and without a gap.
/// </summary>
/// <param name="paths">The data directory.</param>
/// <param name="logs">What the check of the logs found.</param>
/// <param name="manifests">The manifests of all projects.</param>
internal sealed class IndexCheck(LocalPaths paths, IReadOnlyList<LogReport> logs, IReadOnlyList<Manifest> manifests)
{
    private const string Lost = "Restore this file from a backup of the data directory: the log that it was made from is freed.";
    private const string Again = "Delete this file: the recorder makes it again from the log.";

    private readonly List<ArchiveFault> _faults = [];
    private int _files;
    private long _bytes;

    /// <summary>Looks at all indexes.</summary>
    public ArchiveReport Run()
    {
        var names = DiskFiles.Instance.List(paths.Index).Select(static name => LogId.TryParse(name, out var log) ? log : (LogId?)null).OfType<LogId>();
        // Of what is only staged the recorder makes it again.
        var sealedLogs = manifests.SelectMany(static m => m.Packs).Where(static p => p.Day is not null).ToDictionary(static p => p.Log, static p => p.To);
        var packedTo = manifests.SelectMany(static m => m.PackedTo).GroupBy(static p => p.Key).ToDictionary(static g => g.Key, static g => g.Max(static p => p.Value));
        foreach (var log in names.Concat(sealedLogs.Keys).Concat(packedTo.Keys).Distinct().Order())
        {
            var freedTo = sealedLogs.TryGetValue(log, out var whole) ? whole : FreedTo(log, packedTo.GetValueOrDefault(log));
            Check(log, freedTo);
        }

        return new ArchiveReport { Project = null, Files = _files, Bytes = _bytes, Faults = _faults };
    }

    // Below the first chunk that is there; all that is packed where none is.
    private long FreedTo(LogId log, long packedTo) => logs.FirstOrDefault(r => r.Log == log) switch
    {
        { FirstChunk: { } first } => first,
        // A log with files and no chunk never had one, or is damaged at its begin, which its own report tells; a freed one may keep a blank file.
        { Segments: > 0, Ending: not LogEnding.Fenced } => 0,
        _ => packedTo,
    };

    private void Check(LogId log, long freedTo)
    {
        long next = 0;
        for (var segment = 0; ; segment++)
        {
            var file = Path.Combine(paths.Index, log.ToString(), SegmentIndexCodec.NameOf(segment));
            if (!File.Exists(file))
            {
                if (next < freedTo) Fault(file, string.Create(CultureInfo.InvariantCulture, $"it is missing: chunks {next} to {freedTo - 1} of the log can't be found without it"), Lost);
                return;
            }

            var bytes = File.ReadAllBytes(file);
            (_files, _bytes) = (_files + 1, _bytes + bytes.Length);
            if (SegmentIndexCodec.TryRead(log, bytes) is not { } index || index.Segment != segment)
            {
                Fault(file, "it is damaged", next < freedTo ? Lost : Again);
                // Where it ends is not known: those behind it are looked at by themselves.
                next = Resume(log, segment + 1) ?? long.MaxValue;
                continue;
            }

            if (index.FirstChunk > next && next < freedTo)
                Fault(file, string.Create(CultureInfo.InvariantCulture, $"it begins at chunk {index.FirstChunk}, and the one before ends at {next}"), Lost);
            next = index.EndChunk;
        }
    }

    private long? Resume(LogId log, int segment)
    {
        var file = Path.Combine(paths.Index, log.ToString(), SegmentIndexCodec.NameOf(segment));
        return File.Exists(file) && SegmentIndexCodec.TryRead(log, File.ReadAllBytes(file)) is { } index ? index.FirstChunk : null;
    }

    private void Fault(string file, string reason, string cure) => _faults.Add(new ArchiveFault(file, reason, cure));
}
