using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;
using Rollbook.StepLog;

namespace Rollbook.Archive;

/// <summary>
/// Reads a file of steps, an episode's stretch or all of it. Each step is given as it was recorded: its line is made again from the columns and proved by its hash, and what
/// names and dates it by a CRC in each row group.
/// </summary>
public sealed class StepPackReader : IDisposable
{
    private readonly StepPackColumns _columns = new();
    private readonly PackFile _file;
    private readonly TaskScheduler _scheduler;
    private readonly Lock _turn = new();
    private readonly StepEncoder _encoder = new();
    private readonly StepBuffer _entry = new(8192);
    private readonly StepBuffer _line = new(8192);
    private int _loaded = -1;
    private int _given = -1;
    private int _whole = -1;

    /// <summary>Opens a file.</summary>
    /// <param name="content">Reads and seeks, such as <see cref="ArchiveObject.Content"/>; left open.</param>
    /// <param name="name">Its name, for errors.</param>
    /// <param name="scheduler">Where the asynchronous reads run; null = on threads of the pool.</param>
    /// <exception cref="PackDamagedException">It is not what was written.</exception>
    /// <exception cref="PackVersionException">A newer release wrote it.</exception>
    public StepPackReader(Stream content, string name, TaskScheduler? scheduler = null)
    {
        _scheduler = scheduler ?? TaskScheduler.Default;
        _file = new PackFile(content, name, ArchiveKind.Steps, _columns.All);
    }

    /// <summary>How many steps it has.</summary>
    public long Rows => _file.Rows;

    /// <summary>Bytes read of it so far.</summary>
    internal long BytesRead => _file.BytesRead;

    /// <summary>Reads steps of an episode in the order of their ordinals, without a gap.</summary>
    /// <param name="episode">The episode.</param>
    /// <param name="from">The ordinal of the first.</param>
    /// <param name="maxSteps">The most steps.</param>
    /// <param name="into">Takes whole entries, see <see cref="StepEntry"/>.</param>
    /// <param name="belongs">
    /// Tells the frames that count, by term and log, see <see cref="PackedStep.Term"/>; null = all. Of several of one ordinal the newest is taken.
    /// </param>
    /// <param name="cancellation">Cancels between row groups.</param>
    /// <param name="enoughBytes">Ends behind the row group that comes to so many bytes: a row group holds 16 MiB, or one step.</param>
    /// <returns>How many steps were read; 0 where the file has none there.</returns>
    /// <exception cref="PackDamagedException">Something on the way is not what was written. What was given before is right.</exception>
    public ValueTask<int> ReadAsync(
        EpisodeId episode, long from, int maxSteps, IBufferWriter<byte> into, Func<long, LogId, bool>? belongs, CancellationToken cancellation,
        long enoughBytes = long.MaxValue) =>
        new(Task.Factory.StartNew(
            () => Read(episode, from, maxSteps, into, belongs, cancellation, enoughBytes), cancellation, TaskCreationOptions.DenyChildAttach, _scheduler));

    /// <summary>As <see cref="ReadAsync"/>, on the caller's thread.</summary>
    public int Read(
        EpisodeId episode, long from, int maxSteps, IBufferWriter<byte> into, Func<long, LogId, bool>? belongs = null, CancellationToken cancellation = default,
        long enoughBytes = long.MaxValue)
    {
        ArgumentNullException.ThrowIfNull(into);
        lock (_turn)
        {
            var count = 0;
            long bytes = 0;
            for (var group = FirstGroup(new PackKey(episode, from)); group < _file.Groups.Length && count < maxSteps && bytes < enoughBytes; group++)
            {
                if (_file.Groups[group].First.Episode.CompareTo(episode) > 0) break;
                cancellation.ThrowIfCancellationRequested();
                LoadKeys(group);
                var rows = Choose(episode, from + count, maxSteps - count, belongs);
                if (rows.Count > 0) bytes += Give(group, rows, into);
                count += rows.Count;
                // A later row group may go on, but not behind a gap.
                if (!ReachesEnd(episode, from + count)) break;
            }

            return count;
        }
    }

    /// <summary>All steps in the order of the file. The entry of each is valid until the next one is asked for. Nothing else may be read meanwhile.</summary>
    /// <exception cref="PackDamagedException">Something on the way is not what was written. What was given before is right.</exception>
    public IEnumerable<PackedStep> ReadAll()
    {
        for (var group = 0; group < _file.Groups.Length; group++)
        {
            LoadKeys(group);
            LoadContent(group);
            for (var row = 0; row < _file.Groups[group].Rows; row++)
            {
                Rebuild(group, row, row);
                yield return new PackedStep(
                    EpisodeAt(row), _columns.Ordinal.At(row), _columns.Term.At(row), LogAt(row), _columns.Chunk.At(row), _columns.Place.At(row), _entry.WrittenMemory);
            }
        }
    }

    /// <summary>The episodes that have a step in it, some of them several times; no step is read. Nothing else may be read meanwhile.</summary>
    /// <exception cref="PackDamagedException">Something on the way is not what was written.</exception>
    public IEnumerable<EpisodeId> ReadEpisodes()
    {
        for (var group = 0; group < _file.Groups.Length; group++)
        {
            var (first, last) = (_file.Groups[group].First.Episode, _file.Groups[group].Last.Episode);
            yield return first;
            if (first == last) continue;
            LoadKeys(group);
            var before = first;
            for (var row = 0; row < _file.Groups[group].Rows; row++)
            {
                if (EpisodeAt(row) is var episode && episode == before) continue;
                yield return before = episode;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private int FirstGroup(PackKey key)
    {
        var (low, high) = (0, _file.Groups.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_file.Groups[middle].Last.CompareTo(key) < 0) low = middle + 1;
            else high = middle;
        }

        return low;
    }

    private void LoadKeys(int group)
    {
        if (_loaded == group) return;
        _loaded = -1;
        _file.LoadProved(group, _columns.Proved);
        _loaded = group;
    }

    private void LoadContent(int group)
    {
        if (_whole == group) return;
        (_given, _whole) = (-1, -1);
        _file.Load(group, _columns.Content, 0, _file.Groups[group].Rows);
        (_given, _whole) = (group, group);
    }

    // The rows within the row group that hold the next steps, one for each ordinal.
    private List<int> Choose(EpisodeId episode, long next, int most, Func<long, LogId, bool>? belongs)
    {
        var chosen = new List<int>();
        for (var row = FirstRow(new PackKey(episode, next)); row < _columns.Ordinal.Rows && EpisodeAt(row) == episode; row++)
        {
            if (belongs is not null && !belongs(_columns.Term.At(row), LogAt(row))) continue;
            var ordinal = _columns.Ordinal.At(row);
            if (ordinal == next && chosen.Count < most)
            {
                chosen.Add(row);
                next++;
            }
            else if (chosen.Count > 0 && ordinal == next - 1)
            {
                if (Age(row).CompareTo(Age(chosen[^1])) > 0) chosen[^1] = row;
            }
            else
            {
                break;
            }
        }

        return chosen;
    }

    private (long Term, long Chunk, int Place) Age(int row) => (_columns.Term.At(row), _columns.Chunk.At(row), _columns.Place.At(row));

    private bool ReachesEnd(EpisodeId episode, long next)
    {
        var last = _columns.Ordinal.Rows - 1;
        var end = EpisodeAt(last);
        return end.CompareTo(episode) < 0 || (end == episode && _columns.Ordinal.At(last) < next);
    }

    private int FirstRow(PackKey key)
    {
        var (low, high) = (0, _columns.Ordinal.Rows);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (new PackKey(EpisodeAt(middle), _columns.Ordinal.At(middle)).CompareTo(key) < 0) low = middle + 1;
            else high = middle;
        }

        return low;
    }

    private long Give(int group, List<int> rows, IBufferWriter<byte> into)
    {
        long bytes = 0;
        var first = 0;
        if (_given == group)
        {
            // Asked again: whoever reads one episode after another comes back for each, and each look would unpack all that stands before it.
            LoadContent(group);
        }
        else
        {
            first = rows[0];
            (_given, _whole) = (-1, -1);
            _file.Load(group, _columns.Content, first, rows[^1] - first + 1);
            _given = group;
        }

        foreach (var row in rows)
        {
            Rebuild(group, row, row - first);
            into.Write(_entry.Written);
            bytes += _entry.Length;
        }

        return bytes;
    }

    /// <summary>Makes the entry of a row again.</summary>
    /// <param name="group">The row group.</param>
    /// <param name="row">The row in it, which is also its place in the proved columns.</param>
    /// <param name="loaded">Its place in the columns of the content.</param>
    private void Rebuild(int group, int row, int loaded)
    {
        try
        {
            _line.Clear();
            _entry.Clear();
            _columns.WriteLine(loaded, _line);
            if (TryMake(row, loaded)) return;
            var reader = new Utf8JsonReader(_line.Written, new JsonReaderOptions { MaxDepth = JsonText.MaxDepth });
            reader.Read();
            _encoder.Encode(ref reader, _line.Written, _columns.ReceivedAt.At(row), _entry);
        }
        catch (Exception error) when (error is InvalidDataException or JsonException or JsonFault or InvalidOperationException or ArgumentException or IndexOutOfRangeException)
        {
            throw _file.Damaged(group, row, $"its columns make no step ({error.Message})", error);
        }

        var made = StepEntry.Read(_entry.Written);
        if (made.Hash == _columns.Hash[loaded]) return;
        if (HashOf(_line.Written) != _columns.Hash[loaded]) throw _file.Damaged(group, row, "its hash is another one");
        // A line that another release made canonical: it stays as it was, under its own hash.
        RestoreLine(made);
    }

    // The common case: the line is the recorded one, and its cells say what the head holds.
    private bool TryMake(int row, int loaded)
    {
        var hash = HashOf(_line.Written);
        var entry = _entry.GetSpan(StepEntry.HeaderSize + _line.Length);
        if (hash != _columns.Hash[loaded] || !_columns.TryWriteHead(entry, _line.Length, hash, _columns.ReceivedAt.At(row))) return false;
        _line.Written.CopyTo(entry[StepEntry.HeaderSize..]);
        _entry.Advance(StepEntry.HeaderSize + _line.Length);
        return true;
    }

    private void RestoreLine(StepEntry made)
    {
        var head = made.Bytes[..StepEntry.HeaderSize].ToArray();
        StepEntry.WriteHead(
            head, _line.Length, made.Flags, HashOf(_line.Written), made.ReceivedAt, made.StepNumber, made.Reward, made.CumulativeReward, made.PassRate);
        _entry.Clear();
        _entry.Write(head);
        _entry.Write(_line.Written);
    }

    private static UInt128 HashOf(ReadOnlySpan<byte> line)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(line, digest);
        return System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(digest);
    }

    private EpisodeId EpisodeAt(int row) => new(Ulid(_columns.Episode[row]));

    private LogId LogAt(int row) => new(Ulid(_columns.Log[row]));

    private static UInt128 Ulid(ReadOnlySpan<byte> text)
    {
        Span<char> letters = stackalloc char[26];
        return text.Length == letters.Length && System.Text.Encoding.ASCII.TryGetChars(text, letters, out _) && EpisodeId.TryParse(letters, out var id)
            ? id.Value
            : throw new InvalidDataException("A row names no episode or log.");
    }
}
