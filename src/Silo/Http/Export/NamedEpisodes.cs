using System.Runtime.CompilerServices;

namespace Rollbook.Silo.Http;

/// <summary>The episodes that a query names: by their ids, and by their workers, whose current and last ones are meant.</summary>
internal sealed class NamedEpisodes(string project, IReadOnlyList<EpisodeId> ids, IReadOnlyList<string> workers, IGrainFactory grains) : IEpisodeSelection
{
    private const int AtOnce = 32;

    /// <inheritdoc/>
    public bool IsOne => ids.Count == 1 && workers.Count == 0;

    /// <inheritdoc/>
    public string Name => IsOne ? ids[0].ToString() : ids.Count == 0 && workers.Count == 1 ? FileName(workers[0]) : "rollbook-export";

    /// <summary>Reads <c>episode_id</c> and <c>worker</c> of the query: each may be given several times, and hold several with commas between.</summary>
    /// <exception cref="RefusedException">One is no id or no name, or there is none at all.</exception>
    public static NamedEpisodes Of(HttpContext http, IGrainFactory grains)
    {
        var ids = QueryLists.Read(http, "episode_id").Select(id => PathNames.Episode(http, id).Id).Distinct().ToList();
        var workers = QueryLists.Read(http, "worker").Select(PathNames.Worker).Distinct(StringComparer.Ordinal).ToList();
        return ids.Count + workers.Count > 0
            ? new NamedEpisodes(CallerProject.Of(http), ids, workers, grains)
            : throw RefusedException.BadRequest("The query needs episode_id or worker: which episodes are meant. Both may be given several times, or hold several with commas between.");
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<EpisodeKey> ReadAsync(EpisodeId? after, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var selected = new SortedSet<EpisodeId>(ids.Where(id => IsBehind(id, after)));
        // All of them before the first: an export that breaks off late over a wrong id is worth nothing.
        await Parallel.ForEachAsync(selected.ToList(), new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation }, async (id, _) => await CheckAsync(id));
        foreach (var worker in workers) selected.UnionWith((await WorkersAsync(worker)).Where(id => IsBehind(id, after)));
        foreach (var id in selected)
        {
            cancellation.ThrowIfCancellationRequested();
            yield return new EpisodeKey(project, id);
        }
    }

    private static bool IsBehind(EpisodeId id, EpisodeId? after) => after is not { } last || id.CompareTo(last) > 0;

    // A colon, which names may have, means something else in a path on Windows.
    private static string FileName(string worker) => worker.Replace(':', '_').TrimStart('.') is { Length: > 0 } name ? name : "rollbook-export";

    private async ValueTask CheckAsync(EpisodeId id)
    {
        var view = await grains.GetGrain<IEpisodeGrain>(new EpisodeKey(project, id).ToString()).Read();
        if (view.Record is null) throw ExportedEpisodes.Refusal(view.Code, id);
    }

    private async Task<IEnumerable<EpisodeId>> WorkersAsync(string worker)
    {
        var view = await grains.GetGrain<ILoggerGrain>(LoggerKey.Of(project, worker)).Read();
        if (view.Code == RollbookCode.WorkerNotFound)
            throw new RefusedException(ProblemKind.Of(view.Code), $"There is no worker '{worker}': one is known from its first start on. Check the name, or leave it out.");
        if (view.Code != RollbookCode.Ok) throw StepPages.Refusal(view.Code);
        return view.History.Select(static summary => summary.Id).Concat(view.Current is { } current ? [current.Id] : []);
    }
}
