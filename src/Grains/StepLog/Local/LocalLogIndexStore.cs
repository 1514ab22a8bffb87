namespace Rollbook.StepLog;

/// <summary>Index objects as files <c>index/{log}/{name}</c> of the data directory, each there whole or not at all.</summary>
public sealed class LocalLogIndexStore : ILogIndexStore
{
    private readonly IDiskFiles _files;
    private readonly LocalPaths _paths;
    private readonly TaskFactory _disk;

    /// <summary>Opens the store in a data directory that exists.</summary>
    public LocalLogIndexStore(LocalStepLogOptions options)
        : this(options, DiskFiles.Instance, TaskScheduler.Default)
    {
    }

    internal LocalLogIndexStore(LocalStepLogOptions options, IDiskFiles files, TaskScheduler scheduler)
    {
        _files = files;
        _paths = new LocalPaths(Path.GetFullPath(options.DataDirectory));
        _disk = new TaskFactory(CancellationToken.None, TaskCreationOptions.DenyChildAttach, TaskContinuationOptions.None, scheduler);
    }

    /// <inheritdoc/>
    /// <exception cref="StorageFullException">There is no room now; the object is as it was.</exception>
    public ValueTask PutAsync(LogId log, string name, ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        var path = PathOf(log, name);
        return new ValueTask(_disk.StartNew(() => Put(log, path, bytes), CancellationToken.None).WaitAsync(cancellation));
    }

    /// <inheritdoc/>
    public ValueTask<byte[]?> GetAsync(LogId log, string name, CancellationToken cancellation)
    {
        var path = PathOf(log, name);
        return new ValueTask<byte[]?>(_disk.StartNew(() => WholeFile.Read(_files, path), cancellation));
    }

    private void Put(LogId log, string path, ReadOnlyMemory<byte> bytes)
    {
        try
        {
            WholeFile.CreateDirectory(_files, _paths.Data, Path.GetFileName(_paths.Index));
            WholeFile.CreateDirectory(_files, _paths.Index, log.ToString());
            WholeFile.Write(_files, path, bytes.Span);
        }
        catch (Exception error) when (DiskFull.Is(error))
        {
            _files.Delete(path + WholeFile.TemporarySuffix);
            throw new StorageFullException($"There is no room for {bytes.Length} bytes at '{path}': {error.Message}", error);
        }
    }

    private string PathOf(LogId log, string name)
    {
        if (name.Length == 0 || !name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter == '-'))
            throw new ArgumentException($"'{name}' is not the name of an index object: letters, digits and dashes.", nameof(name));
        return Path.Combine(_paths.Index, log.ToString(), name);
    }
}
