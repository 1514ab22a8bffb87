using Rollbook.Export;
using Rollbook.StepLog;

namespace Rollbook.Archive;

/// <summary>
/// Writes a file of steps: Parquet with a row a step, sorted by episode and ordinal. Its memory is that of one row group, whatever the number of steps.
/// </summary>
public sealed class StepPackWriter : IDisposable
{
    private readonly StepPackColumns _columns = new();
    private readonly PackWriter _writer;
    private readonly PackTuning _tuning;
    private PackKey _first;
    private PackKey _last;
    private LogId _log;
    private long _bytes;
    private bool _any;

    /// <summary>Begins a file.</summary>
    /// <param name="to">Takes the file, from its start to its end; left open.</param>
    public StepPackWriter(Stream to)
        : this(to, PackTuning.Default)
    {
    }

    internal StepPackWriter(Stream to, PackTuning tuning)
    {
        _tuning = tuning;
        _writer = new PackWriter(to, ArchiveKind.Steps, _columns.All, _columns.Proved, tuning);
    }

    /// <summary>Writes a whole file.</summary>
    /// <param name="to">Takes the file; left open.</param>
    /// <param name="steps">The steps, sorted by episode and ordinal.</param>
    /// <returns>How many steps there were.</returns>
    public static long Write(Stream to, IEnumerable<PackedStep> steps)
    {
        using var writer = new StepPackWriter(to);
        foreach (var step in steps) writer.Add(step);
        return writer.Complete();
    }

    private bool IsFull => _columns.Ordinal.Rows >= _tuning.GroupRows || _bytes >= _tuning.GroupBytes;

    /// <summary>Adds a step. Its bytes are copied.</summary>
    /// <exception cref="ArgumentException">It sorts before the last one.</exception>
    /// <exception cref="InvalidDataException">Its entry is not one.</exception>
    public void Add(in PackedStep step)
    {
        var key = new PackKey(step.Episode, step.Ordinal);
        if (_any && key.CompareTo(_last) < 0)
            throw new ArgumentException($"Steps are packed in the order of episode and ordinal: {key.Episode}/{key.Ordinal} came behind {_last.Episode}/{_last.Ordinal}.", nameof(step));
        var entry = StepEntry.Read(step.Entry.Span);
        // All rows of one key lie in one row group, so that the newest of them is found by reading one.
        if (IsFull && key != _last) Flush();
        var rows = _columns.Episode.Rows;
        if (rows == 0) _first = key;
        if (rows > 0 && key.Episode == _last.Episode) _columns.Episode.Repeat();
        else AddText(_columns.Episode, step.Episode.Value);
        if (rows > 0 && step.Log == _log) _columns.Log.Repeat();
        else AddText(_columns.Log, step.Log.Value);
        _columns.Ordinal.Add(step.Ordinal);
        _columns.Hash.Add(entry.Hash);
        _columns.AddLine(entry.Line);
        _columns.ReceivedAt.Add(entry.ReceivedAt);
        _columns.Term.Add(step.Term);
        _columns.Chunk.Add(step.Chunk);
        _columns.Place.Add(step.Place);
        (_last, _log, _any) = (key, step.Log, true);
        _bytes += entry.Length;
    }

    /// <summary>Ends the file; without this it is none.</summary>
    /// <returns>How many steps it has.</returns>
    public long Complete() => Complete(null);

    /// <summary>As <see cref="Complete()"/>, and tells what an export left out.</summary>
    internal long Complete(IReadOnlyList<LeftOut>? leftOut)
    {
        Flush();
        _writer.Complete(leftOut);
        return _writer.Rows;
    }

    /// <inheritdoc/>
    public void Dispose() => _writer.Dispose();

    private void Flush()
    {
        _writer.Flush(_first, _last);
        _bytes = 0;
    }

    private static void AddText(TextColumn column, UInt128 ulid)
    {
        Span<byte> text = stackalloc byte[26];
        System.Text.Encoding.ASCII.GetBytes(new EpisodeId(ulid).ToString(), text);
        column.Add(text);
    }
}
