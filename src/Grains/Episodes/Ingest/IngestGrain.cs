using Orleans.Concurrency;
using Rollbook.Archive;
using Rollbook.Hosting;
using Rollbook.StepLog;

namespace Rollbook.Episodes;

/// <summary>Takes what a client over the gateway sends for many episodes, and gives each activation of this silo its turn.</summary>
/// <remarks>
/// All clients use one key, and yet none leaves the silo of its gateway: a stateless worker is placed where the call enters the cluster, on each silo anew, and
/// has no entry in the directory. So the calls spread as the clients spread over the gateways.
/// </remarks>
[GrainType("ingest"), StatelessWorker]
internal sealed class IngestGrain(ActiveEpisodes active, WriteAheadLog log, BlobCheck blobs, EdgeHint? edge = null) : Grain, IIngestGrain
{
    /// <inheritdoc/>
    public async ValueTask<IngestOutcome[]> Append(IngestSteps request)
    {
        var batches = request.Batches;
        var refused = await RefusedAsync(request);
        var round = new AppendRound(batches.Length);
        if (batches.Length > 1) log.Gather(round.Taken);
        for (var i = 0; i < batches.Length; i++)
            round.Start(i, refused is not null && refused[i] ? null : active.Find(new EpisodeKey(request.Project, batches[i].Episode)), batches[i].Steps);
        if (batches.Length > 0) await round.Taken;
        var outcomes = new IngestOutcome[batches.Length];
        for (var i = 0; i < batches.Length; i++)
        {
            if (round.Commit(i) is { } commit)
                outcomes[i] = new IngestOutcome(true, await EpisodeAppends.DurableAsync(commit, batches[i].Steps.From + batches[i].Steps.Steps.Count));
        }

        return outcomes;
    }

    /// <inheritdoc/>
    public Task<StartReply> Start(StartEpisode request)
    {
        edge?.Give();
        return GrainFactory.GetGrain<ILoggerGrain>(LoggerKey.Of(request.Project, request.Worker)).Start(request);
    }

    // Those that name large values which are not known; the episode's grain refuses them. Null where none names any, which is nearly always.
    private async ValueTask<bool[]?> RefusedAsync(IngestSteps request)
    {
        bool[]? refused = null;
        for (var i = 0; i < request.Batches.Length; i++)
        {
            var steps = request.Batches[i].Steps.Steps;
            if (!BlobReferences.Any(steps) || await blobs.RefusalAsync(request.Project, steps) is null) continue;
            refused ??= new bool[request.Batches.Length];
            refused[i] = true;
        }

        return refused;
    }
}
