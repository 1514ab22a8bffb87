using Rollbook.StepLog;

namespace Rollbook.Archive;

/// <summary>Tells whether packs have anything of some episodes. A file never changes: what it was found not to have it is not asked for again.</summary>
internal sealed class PackContents(string project)
{
    private readonly HashSet<string> without = new(StringComparer.Ordinal);
    private IReadOnlySet<EpisodeId> sought = new HashSet<EpisodeId>();

    /// <summary>Sets the episodes that are looked for.</summary>
    public void Seek(IReadOnlySet<EpisodeId> episodes)
    {
        if (sought.SetEquals(episodes)) return;
        sought = episodes;
        without.Clear();
    }

    /// <summary>Whether it is known that a pack has nothing of them.</summary>
    public bool IsKnownClean(Pack pack) => pack.Files.All(f => without.Contains(f.Name));

    /// <summary>Whether a pack has anything of them.</summary>
    /// <exception cref="PackDamagedException">A file is not what was written.</exception>
    public async ValueTask<bool> HasAsync(Pack pack, PackReaders readers, CancellationToken cancellation)
    {
        if (IsKnownClean(pack)) return false;
        if (await FindAsync(pack, readers, cancellation)) return true;
        foreach (var file in pack.Files) without.Add(file.Name);
        return false;
    }

    private async ValueTask<bool> FindAsync(Pack pack, PackReaders readers, CancellationToken cancellation)
    {
        if (pack.Episodes is not null)
            foreach (var row in await readers.EpisodesAsync(pack.Episodes.Name, project, cancellation))
                if (sought.Contains(row.Record.Key.Id)) return true;
        // A sealed pack has a row for each of its episodes.
        if (pack.Day is not null) return false;
        if (pack.Scores is not null)
            foreach (var score in await readers.ScoresAsync(pack.Scores.Name, cancellation))
                if (sought.Contains(score.Episode)) return true;
        return (pack.Frames is not null && await FindFrameAsync(pack.Frames.Name, pack.Log, readers, cancellation))
            || (pack.Steps is not null && await FindStepAsync(pack.Steps.Name, readers, cancellation));
    }

    private async ValueTask<bool> FindFrameAsync(string name, LogId log, PackReaders readers, CancellationToken cancellation)
    {
        await using var lease = await readers.FramesAsync(name, log, cancellation);
        await foreach (var (chunk, offset, bytes) in lease.Reader.AllAsync(lease.Content, cancellation))
        {
            if (!FrameCodec.TryRead(bytes.Span, out var frame)) throw new PackDamagedException(name, null, $"the frame of chunk {chunk} at byte {offset} does not prove itself");
            if (sought.Contains(frame.Episode)) return true;
        }

        return false;
    }

    private async ValueTask<bool> FindStepAsync(string name, PackReaders readers, CancellationToken cancellation)
    {
        await using var lease = await readers.StepsAsync(name, cancellation);
        return lease.Reader.ReadEpisodes().Any(sought.Contains);
    }
}
