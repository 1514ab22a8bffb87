using Rollbook.Episodes;
using Rollbook.Query;

namespace Rollbook.Archive;

/// <summary>
/// What queries read on one machine: the manifest's files, what this silo's log holds beyond them, and the names of dead logs that are not seen whole yet.
/// </summary>
internal sealed class ArchivedSources(RecorderCore core, ManifestStore manifests, IArchiveStore store, ArchiveRounds rounds) : IQuerySources
{
    /// <inheritdoc/>
    public async ValueTask<QuerySource> PinAsync(string project, CancellationToken cancellation)
    {
        while (true)
        {
            // In this order: what ends after the manifest was read stands in the log, which forgets only what a published manifest has.
            var missing = rounds.UnseenLogs;
            var manifest = await manifests.ReadAsync(project, cancellation);
            var held = await core.Log.EpisodesAsync(project, cancellation);
            if (held.ForgottenTo > manifest.PackedToOf(core.Log.Id)) continue;
            var log = core.Log.Id.ToString();
            return new QuerySource
            {
                FetchSteps = token => FilesAsync(manifest, static p => p.Steps, token),
                Episodes = await FilesAsync(manifest, static p => p.Episodes, cancellation),
                Scores = await FilesAsync(manifest, static p => p.Scores, cancellation),
                Live = [.. held.Episodes.Select(e => new LiveEpisode(e.Record, e.Summary, e.Term, log, e.Chunk, e.Place))],
                Deleted = manifest.DeletedEpisodes(),
                AsOf = manifest.Packs.Count == 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(manifest.Packs.Max(static p => p.At)),
                Missing = [.. missing.Select(static l => l.ToString())],
            };
        }
    }

    /// <inheritdoc/>
    public ValueTask PackNowAsync(string project, CancellationToken cancellation) => rounds.PackOwnAsync(cancellation);

    private async ValueTask<List<ArchivedFile>> FilesAsync(Manifest manifest, Func<Pack, ManifestFile?> kind, CancellationToken cancellation)
    {
        var files = new List<ArchivedFile>(manifest.Packs.Count);
        foreach (var pack in manifest.Packs)
            if (kind(pack) is { } file) files.Add(new ArchivedFile(file.Name, await store.LocalPathAsync(file.Name, cancellation), pack.Day is not null));
        return files;
    }
}
