namespace Rollbook.Grains.Tests.StepLog.Local;

/// <summary>What a power cut leaves of the calls so far: all that was flushed, and of the rest whatever the crash's kind says.</summary>
/// <param name="Sector">Writes that were not flushed are torn at multiples of this.</param>
/// <param name="Random">Chooses among what was not flushed, sector by sector; names survive in order, up to some call. Null: see below.</param>
/// <param name="Keeps">Without a choice: whether what was not flushed is all there, or all gone.</param>
internal sealed record Crash(int Sector, Random? Random, bool Keeps)
{
    public static Crash KeepingAll { get; } = new(512, null, true);

    public static Crash DroppingAll { get; } = new(512, null, false);

    /// <summary>The disk after a crash behind the first <paramref name="length"/> calls.</summary>
    public SimulatedDisk After(SimulatedDisk before, int length) => After(before, before.Trace, length);

    /// <summary>The same, by another account of the calls.</summary>
    public SimulatedDisk After(SimulatedDisk before, IReadOnlyList<DiskOperation> trace, int length)
    {
        var (files, directories) = LastFlushes(trace, length);
        var contents = new Dictionary<SimulatedFile, SimulatedFile>();
        var names = new Dictionary<string, SimulatedFile>();
        var lost = new HashSet<string>();
        var gone = new List<string>();
        foreach (var (path, file, bytes) in before.Base)
        {
            names[path] = Of(file);
            names[path].Write(bytes, 0);
        }

        for (var i = 0; i < length; i++)
        {
            switch (trace[i])
            {
                case DiskOperation.Write write:
                    Apply(write, Of(write.File), i < files.GetValueOrDefault(write.File, -1));
                    break;
                case DiskOperation.Create create when Survives(create.Path, i):
                    names[create.Path] = Of(create.File);
                    break;
                case DiskOperation.Move move when Survives(move.To, i):
                    names.Remove(move.From);
                    names[move.To] = Of(move.File);
                    break;
                case DiskOperation.CreateDirectory made when !Survives(made.Path, i):
                    gone.Add(made.Path + "/");
                    break;
                case DiskOperation.Delete delete when Survives(delete.Path, i):
                    names.Remove(delete.Path);
                    break;
            }
        }

        var disk = new SimulatedDisk();
        disk.Place(CrashScript.Data);
        foreach (var (path, file) in names)
        {
            // What lies in a directory whose own name was lost went with it.
            if (!gone.Exists(directory => path.StartsWith(directory, StringComparison.Ordinal))) disk.Place(path, file);
        }

        return disk;

        SimulatedFile Of(SimulatedFile file)
        {
            if (!contents.TryGetValue(file, out var content)) contents.Add(file, content = new SimulatedFile());
            return content;
        }

        // A file system keeps the order of the names within a directory: once one call is lost, so are those behind it.
        bool Survives(string path, int index)
        {
            var directory = Path.GetDirectoryName(path)!;
            if (index < directories.GetValueOrDefault(directory, -1)) return true;
            if (lost.Contains(directory)) return false;
            if (Random is null ? Keeps : Random.Next(2) == 0) return true;
            lost.Add(directory);
            return false;
        }
    }

    private static (Dictionary<SimulatedFile, int> Files, Dictionary<string, int> Directories) LastFlushes(
        IReadOnlyList<DiskOperation> trace, int length)
    {
        var files = new Dictionary<SimulatedFile, int>();
        var directories = new Dictionary<string, int>();
        for (var i = 0; i < length; i++)
        {
            if (trace[i] is DiskOperation.Flush flush) files[flush.File] = i;
            if (trace[i] is DiskOperation.FlushDirectory directory) directories[directory.Path] = i;
        }

        return (files, directories);
    }

    private void Apply(DiskOperation.Write write, SimulatedFile file, bool isFlushed)
    {
        if (isFlushed || (Random is null && Keeps))
        {
            file.Write(write.Bytes, write.Offset);
            return;
        }

        if (Random is null) return;
        var at = 0;
        while (at < write.Bytes.Length)
        {
            var end = Math.Min(write.Bytes.Length, at + Sector - (int)((write.Offset + at) % Sector));
            if (Random.Next(2) == 0) file.Write(write.Bytes.AsSpan(at, end - at), write.Offset + at);
            at = end;
        }
    }
}
