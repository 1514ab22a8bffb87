namespace Rollbook.StepLog;

/// <summary>The open segment files of one log, counted by reader: a freed file is written again only when nobody reads it.</summary>
internal sealed class SegmentReaders(IDiskFiles files, LocalPaths paths, LogId log) : IDisposable
{
    /// <summary>Files that stay open while nobody reads them, per log.</summary>
    private const int IdleLimit = 16;

    private readonly Lock _lock = new();
    private readonly Dictionary<int, Entry> _open = [];
    private readonly HashSet<int> _retired = [];

    /// <summary>Opens a segment for reading; null where it is gone. The caller disposes the lease.</summary>
    public Lease? Acquire(int segment)
    {
        lock (_lock)
        {
            if (_retired.Contains(segment)) return null;
            if (!_open.TryGetValue(segment, out var entry))
            {
                var file = files.Open(paths.Segment(log, segment), FileMode.Open, FileAccess.Read);
                if (file is null) return null;
                _open.Add(segment, entry = new Entry(file));
            }

            entry.Readers++;
            return new Lease(this, segment, entry);
        }
    }

    /// <summary>Lets nobody open the segment any more. True where nobody reads it, so that its file may be written again.</summary>
    public bool Retire(int segment)
    {
        lock (_lock)
        {
            _retired.Add(segment);
            if (!_open.TryGetValue(segment, out var entry)) return true;
            if (entry.Readers > 0) return false;
            Close(segment, entry);
            return true;
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            foreach (var (segment, entry) in _open.ToList()) Close(segment, entry);
        }
    }

    private void Release(int segment, Entry entry)
    {
        lock (_lock)
        {
            if (--entry.Readers == 0 && (_retired.Contains(segment) || _open.Count > IdleLimit)) Close(segment, entry);
        }
    }

    private void Close(int segment, Entry entry)
    {
        entry.File.Dispose();
        _open.Remove(segment);
    }

    private sealed class Entry(IDiskFile file)
    {
        public IDiskFile File { get; } = file;

        public int Readers { get; set; }
    }

    /// <summary>One reader's hold on a segment file.</summary>
    internal sealed class Lease : IDisposable
    {
        private readonly SegmentReaders _readers;
        private readonly int _segment;
        private Entry? _entry;

        internal Lease(SegmentReaders readers, int segment, object entry)
        {
            _readers = readers;
            _segment = segment;
            _entry = (Entry)entry;
            File = _entry.File;
        }

        public IDiskFile File { get; }

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _entry, null) is { } entry) _readers.Release(_segment, entry);
        }
    }
}
