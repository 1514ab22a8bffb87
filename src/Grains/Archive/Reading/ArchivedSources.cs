using Rollbook.Episodes;
using Rollbook.Query;
using Rollbook.StepLog;

namespace Rollbook.Archive;

/// <summary>
/// What queries read: the manifest's files, and what every log holds beyond them. Logs that did not answer, and dead ones that are not seen whole yet, are named.
/// </summary>
internal sealed class ArchivedSources(
    RecorderCore core, ManifestStore manifests, IArchiveStore store, ArchiveRounds rounds, ILogRegistry registry, ILogPeers peers) : IQuerySources
{
    private static readonly LogState[] NotFreed = [LogState.Open, LogState.Fencing, LogState.Fenced, LogState.Recovered];

    /// <inheritdoc/>
    public async ValueTask<QuerySource> PinAsync(string project, CancellationToken cancellation)
    {
        while (true)
        {
            // In this order: what is freed was published before, and what ends after the manifest was read stands in a log, which forgets only what a published manifest has.
            var logs = await registry.ListAsync(NotFreed, cancellation);
            var manifest = await manifests.ReadAsync(project, cancellation);
            var answers = await Task.WhenAll(logs.Select(row => AskAsync(row, project, cancellation).AsTask()));
            if (answers.Any(a => a.Held?.ForgottenTo > manifest.PackedToOf(a.Log))) continue;
            return new QuerySource
            {
                FetchSteps = token => FilesAsync(manifest, static p => p.Steps, token),
                Episodes = await FilesAsync(manifest, static p => p.Episodes, cancellation),
                Scores = await FilesAsync(manifest, static p => p.Scores, cancellation),
                Live = [.. answers.SelectMany(static a => Live(a.Log.ToString(), a.Held))],
                Deleted = manifest.DeletedEpisodes(),
                AsOf = manifest.Packs.Count == 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(manifest.Packs.Max(static p => p.At)),
                Missing = [.. answers.Where(static a => a.Held is null && !a.Seen).Select(static a => a.Log.ToString())],
            };
        }
    }

    /// <inheritdoc/>
    public async ValueTask PackNowAsync(string project, CancellationToken cancellation)
    {
        var others = (await registry.ListAsync([LogState.Open], cancellation)).Where(row => row.Log != core.Log.Id);
        // Who doesn't answer packs by itself later: what the packs have is said by the answer's as_of.
        var asked = others.Select(row => peers.PackAsync(row, cancellation).AsTask()).ToList();
        await rounds.PackOwnAsync(cancellation);
        await Task.WhenAll(asked);
    }

    private static IEnumerable<LiveEpisode> Live(string log, HeldEpisodes? held) =>
        held is null ? [] : held.Episodes.Select(e => new LiveEpisode(e.Record, e.Summary, e.Term, log, e.Chunk, e.Place, e.Left));

    private async ValueTask<Answer> AskAsync(LogRow row, string project, CancellationToken cancellation)
    {
        if (row.State >= LogState.Fenced && row.Log != core.Log.Id) return new Answer(row.Log, null, Seen: !rounds.IsUnseen(row));
        // A silo that can't know whether its log is still its own would tell of episodes that others have.
        if (row.Log == core.Log.Id) return new Answer(row.Log, core.MayAnswer ? await core.Log.EpisodesAsync(project, cancellation) : null, Seen: false);
        return new Answer(row.Log, await peers.HeldAsync(row, project, cancellation), Seen: false);
    }

    private async ValueTask<List<ArchivedFile>> FilesAsync(Manifest manifest, Func<Pack, ManifestFile?> kind, CancellationToken cancellation)
    {
        var files = new List<ArchivedFile>(manifest.Packs.Count);
        foreach (var pack in manifest.Packs)
            if (kind(pack) is { } file) files.Add(new ArchivedFile(file.Name, await store.LocalPathAsync(file.Name, cancellation), pack.Day is not null));
        return files;
    }

    private readonly record struct Answer(LogId Log, HeldEpisodes? Held, bool Seen);
}
