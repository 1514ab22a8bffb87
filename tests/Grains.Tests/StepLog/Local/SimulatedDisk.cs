using Rollbook.StepLog;

namespace Rollbook.Grains.Tests.StepLog.Local;

/// <summary>A file system in memory that writes down every call, so that a crash can be laid between any two of them.</summary>
internal sealed class SimulatedDisk : IDiskFiles
{
    private readonly Dictionary<string, SimulatedFile> _files = [];
    private readonly HashSet<string> _directories = [];

    private readonly List<(string Path, SimulatedFile File, byte[] Bytes)> _base = [];

    /// <summary>What lay on the disk, durably, before the first call.</summary>
    public IReadOnlyList<(string Path, SimulatedFile File, byte[] Bytes)> Base => _base;

    /// <summary>Every call that changes something, in order.</summary>
    public List<DiskOperation> Trace { get; } = [];

    /// <summary>The files by path.</summary>
    public IReadOnlyDictionary<string, SimulatedFile> Files => _files;

    /// <summary>Called before a file's write or flush; may throw, as a failing disk does.</summary>
    public Action<DiskOperation>? Before { get; set; }

    /// <summary>Puts a file in place without a trace, as a disk has it after a crash.</summary>
    public void Place(string path, SimulatedFile file)
    {
        _files[path] = file;
        _base.Add((path, file, file.Bytes.ToArray()));
        Place(Path.GetDirectoryName(path)!);
    }

    /// <summary>Puts a directory in place without a trace.</summary>
    public void Place(string directory)
    {
        for (var path = directory; !string.IsNullOrEmpty(path); path = Path.GetDirectoryName(path)) _directories.Add(path);
    }

    /// <summary>The same files on another disk.</summary>
    public SimulatedDisk Copy()
    {
        var copy = new SimulatedDisk();
        foreach (var (path, file) in _files)
        {
            var same = new SimulatedFile();
            same.Write(file.Bytes, 0);
            copy.Place(path, same);
        }

        return copy;
    }

    public IDiskFile? Open(string path, FileMode mode, FileAccess access)
    {
        if (mode == FileMode.Open) return _files.TryGetValue(path, out var found) ? new Handle(this, found) : null;
        if (!_directories.Contains(Path.GetDirectoryName(path)!)) throw new DirectoryNotFoundException(path);
        var file = new SimulatedFile();
        Trace.Add(new DiskOperation.Create(path, file));
        _files[path] = file;
        return new Handle(this, file);
    }

    public void Move(string from, string to)
    {
        if (!_files.Remove(from, out var file)) throw new FileNotFoundException(from);
        _files[to] = file;
        Trace.Add(new DiskOperation.Move(from, to, file));
    }

    public bool MoveNew(string from, string to)
    {
        if (_files.ContainsKey(to) || _directories.Contains(to)) return false;
        Move(from, to);
        return true;
    }

    public void Delete(string path)
    {
        if (_files.Remove(path)) Trace.Add(new DiskOperation.Delete(path));
    }

    public IReadOnlyList<string> List(string directory) =>
        [.. _files.Keys.Concat(_directories).Where(path => Path.GetDirectoryName(path) == directory).Select(path => Path.GetFileName(path))];

    public DiskEntry? Look(string path) => _files.TryGetValue(path, out var file)
        ? new DiskEntry(false, file.Length, DateTimeOffset.UnixEpoch)
        : _directories.Contains(path) ? new DiskEntry(true, 0, default) : null;

    public void CreateDirectory(string path)
    {
        if (!_directories.Contains(Path.GetDirectoryName(path)!)) CreateDirectory(Path.GetDirectoryName(path)!);
        if (_directories.Add(path)) Trace.Add(new DiskOperation.CreateDirectory(path));
    }

    public void FlushDirectory(string path)
    {
        if (!_directories.Contains(path)) throw new DirectoryNotFoundException(path);
        Trace.Add(new DiskOperation.FlushDirectory(path));
    }

    private void Record(DiskOperation operation)
    {
        Before?.Invoke(operation);
        Trace.Add(operation);
    }

    private sealed class Handle(SimulatedDisk disk, SimulatedFile file) : IDiskFile
    {
        public long Length => file.Length;

        public int Read(Span<byte> into, long offset)
        {
            var rest = offset < file.Length ? file.Bytes[(int)offset..] : [];
            var count = Math.Min(rest.Length, into.Length);
            rest[..count].CopyTo(into);
            return count;
        }

        public void Write(ReadOnlySpan<byte> bytes, long offset)
        {
            disk.Record(new DiskOperation.Write(file, offset, bytes.ToArray()));
            file.Write(bytes, offset);
        }

        public void Uncache()
        {
        }

        public void Flush() => disk.Record(new DiskOperation.Flush(file));

        public void Dispose()
        {
        }
    }
}
