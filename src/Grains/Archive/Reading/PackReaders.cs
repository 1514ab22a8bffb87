using Rollbook.StepLog;

namespace Rollbook.Archive;

/// <summary>
/// Open files of the archive with their tables read, the last ones used: an episode is read in pages, and its siblings lie in the same files.
/// </summary>
internal sealed class PackReaders(IArchiveStore store, TaskScheduler scheduler) : IAsyncDisposable
{
    // Each holds a row group and more: some MiB.
    private const int KeptOpen = 6;

    private readonly Lock gate = new();
    private readonly Dictionary<string, OpenPack> open = new(StringComparer.Ordinal);
    private readonly LinkedList<OpenPack> recent = new();

    /// <summary>Takes the reader of a steps file.</summary>
    /// <exception cref="FileNotFoundException">There is no such file, or no more.</exception>
    public async ValueTask<PackLease<StepPackReader>> StepsAsync(string name, CancellationToken cancellation) =>
        new(this, await TakeAsync(name, content => ValueTask.FromResult<object>(new StepPackReader(content, name, scheduler)), cancellation));

    /// <summary>Takes the reader of a frames file.</summary>
    public async ValueTask<PackLease<FramePackReader>> FramesAsync(string name, LogId log, CancellationToken cancellation) =>
        new(this, await TakeAsync(name, async content => await FramePackReader.OpenAsync(name, log, content, cancellation), cancellation));

    /// <summary>All rows of an episodes file.</summary>
    public async ValueTask<IReadOnlyList<EpisodeRow>> EpisodesAsync(string name, string project, CancellationToken cancellation)
    {
        await using var content = await OpenAsync(name, cancellation);
        using var reader = new EpisodePackReader(content.Content, name, project);
        return [.. reader.ReadAll()];
    }

    /// <summary>All rows of a scores file.</summary>
    public async ValueTask<IReadOnlyList<ScoreRow>> ScoresAsync(string name, CancellationToken cancellation)
    {
        await using var content = await OpenAsync(name, cancellation);
        using var reader = new ScorePackReader(content.Content, name);
        return [.. reader.ReadAll()];
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        List<OpenPack> all;
        lock (gate)
        {
            all = [.. open.Values];
            open.Clear();
            recent.Clear();
        }

        foreach (var pack in all) await pack.CloseAsync();
    }

    /// <summary>Gives a reader back.</summary>
    public async ValueTask ReturnAsync(OpenPack pack)
    {
        pack.Turn.Release();
        await LeaveAsync(pack);
    }

    private async ValueTask<OpenPack> TakeAsync(string name, Func<Stream, ValueTask<object>> read, CancellationToken cancellation)
    {
        var pack = Enter(name);
        try
        {
            await pack.Turn.WaitAsync(cancellation);
        }
        catch
        {
            await LeaveAsync(pack);
            throw;
        }

        try
        {
            if (pack.Reader is not null) return pack;
            pack.Content ??= await OpenAsync(name, cancellation);
            pack.Content.Content.Seek(0, SeekOrigin.Begin);
            pack.Reader = await read(pack.Content.Content);
            return pack;
        }
        catch
        {
            await ReturnAsync(pack);
            throw;
        }
    }

    private async ValueTask<ArchiveObject> OpenAsync(string name, CancellationToken cancellation) => await store.OpenAsync(name, cancellation)
        ?? throw new FileNotFoundException($"The archive has no file {name}.", name);

    private OpenPack Enter(string name)
    {
        lock (gate)
        {
            if (!open.TryGetValue(name, out var pack)) open[name] = pack = new OpenPack(name);
            pack.Users++;
            if (pack.Node is not null) recent.Remove(pack.Node);
            pack.Node = recent.AddFirst(pack);
            return pack;
        }
    }

    private async ValueTask LeaveAsync(OpenPack pack)
    {
        List<OpenPack> over = [];
        lock (gate)
        {
            pack.Users--;
            // The oldest may still be read: then its last user looks again.
            while (recent.Count > KeptOpen && recent.Last!.Value is { Users: 0 } oldest)
            {
                recent.RemoveLast();
                oldest.Node = null;
                open.Remove(oldest.Name);
                over.Add(oldest);
            }
        }

        foreach (var closed in over) await closed.CloseAsync();
    }
}
