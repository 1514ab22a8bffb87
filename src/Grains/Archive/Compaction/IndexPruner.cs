using Rollbook.Episodes;
using Rollbook.StepLog;

namespace Rollbook.Archive;

/// <summary>
/// Takes the frames of sealed episodes out of the indexes of freed segments: nobody looks for them there any more, and an index of steps in lockstep would be larger
/// than the steps themselves are in their packs.
/// </summary>
internal sealed class IndexPruner(ILogIndexStore indexes, IHeaderStore headers, ManifestStore manifests)
{
    // Segments before it have nothing left that can go.
    private readonly Dictionary<LogId, int> clean = [];

    /// <summary>Writes the indexes of a log anew that lie below a chunk and name a sealed episode of a project.</summary>
    /// <returns>How many entries went.</returns>
    public async ValueTask<int> RunAsync(string project, LogId log, long below, CancellationToken cancellation)
    {
        var pruned = 0;
        var isClean = true;
        IReadOnlyList<string>? projects = null;
        for (var segment = clean.GetValueOrDefault(log); ; segment++)
        {
            var bytes = await indexes.GetAsync(log, SegmentIndexCodec.NameOf(segment), cancellation);
            if (bytes is null || SegmentIndexCodec.TryRead(log, bytes) is not { } index || index.EndChunk > below) return pruned;
            // An index of the first format doesn't say whose its entries are: they go when no project needs them. One with records in a freed segment has a manifest.
            if (index.Entries is [{ Project: null }, ..]) projects ??= await manifests.ProjectsAsync(cancellation);
            var left = await LeftAsync(project, projects ?? [], log, index, cancellation);
            if (left.Length < index.Entries.Length)
            {
                pruned += index.Entries.Length - left.Length;
                var smaller = new SegmentIndex(index.Segment, index.FirstChunk, index.EndChunk, index.OwnedBegin, left);
                await indexes.PutAsync(log, SegmentIndexCodec.NameOf(segment), SegmentIndexCodec.Write(log, smaller), cancellation);
            }

            isClean &= left.Length == 0;
            if (isClean) clean[log] = segment + 1;
        }
    }

    private async ValueTask<IndexEntry[]> LeftAsync(
        string project, IReadOnlyList<string> projects, LogId log, SegmentIndex index, CancellationToken cancellation)
    {
        var left = new List<IndexEntry>();
        var entries = index.Entries.ToArray();
        for (var at = 0; at < entries.Length;)
        {
            var (owner, episode) = (entries[at].Project, entries[at].Episode);
            var end = at;
            while (end < entries.Length && entries[end].Episode == episode && entries[end].Project == owner) end++;
            var goes = owner is null ? await IsElsewhereInAllAsync(project, projects, episode, log, cancellation) : owner == project && await IsElsewhereAsync(project, episode, log, cancellation);
            if (!goes) left.AddRange(entries.AsSpan(at, end - at));
            at = end;
        }

        return [.. left];
    }

    private async ValueTask<bool> IsElsewhereAsync(string project, EpisodeId episode, LogId log, CancellationToken cancellation) =>
        await headers.ReadAsync(new EpisodeKey(project, episode), cancellation) is { } header && IsElsewhere(header, log);

    private async ValueTask<bool> IsElsewhereInAllAsync(
        string project, IReadOnlyList<string> projects, EpisodeId episode, LogId log, CancellationToken cancellation)
    {
        if (!await IsElsewhereAsync(project, episode, log, cancellation)) return false;
        foreach (var other in projects)
            if (await headers.ReadAsync(new EpisodeKey(other, episode), cancellation) is { } header && !IsElsewhere(header, log)) return false;
        return true;
    }

    private static bool IsElsewhere(EpisodeHeader header, LogId log) =>
        header.State is HeaderState.Archived or HeaderState.Deleted && !header.Extents.Any(e => e.Log == log);
}
