namespace Rollbook.Crash.Tests;

/// <summary>Sees when files of a data directory's archive are made: a moment within packing or compacting.</summary>
internal sealed class ArchiveWatch : IDisposable
{
    private readonly FileSystemWatcher watcher;
    private readonly TaskCompletionSource reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int left;

    /// <summary>Watches from now on.</summary>
    /// <param name="data">The data directory.</param>
    /// <param name="files">Which new file is the moment, from 1.</param>
    public ArchiveWatch(string data, int files)
    {
        left = files;
        watcher = new FileSystemWatcher(Path.Combine(data, "archive")) { IncludeSubdirectories = true };
        watcher.Created += (_, _) => Count();
        watcher.Renamed += (_, _) => Count();
        watcher.EnableRaisingEvents = true;
    }

    /// <summary>Completes at the moment.</summary>
    public Task Reached => reached.Task;

    public void Dispose() => watcher.Dispose();

    private void Count()
    {
        if (Interlocked.Decrement(ref left) == 0) reached.TrySetResult();
    }
}
