using Orleans.Concurrency;

namespace Rollbook.Episodes;

/// <summary>Takes what a client over the gateway sends for many episodes, and gives each activation of this silo its turn.</summary>
/// <remarks>
/// All clients use one key, and yet none leaves the silo of its gateway: a stateless worker is placed where the call enters the cluster, on each silo anew, and
/// has no entry in the directory. So the calls spread as the clients spread over the gateways.
/// </remarks>
[GrainType("ingest"), StatelessWorker]
internal sealed class IngestGrain(ActiveEpisodes active) : Grain, IIngestGrain
{
    /// <inheritdoc/>
    public async ValueTask<IngestOutcome[]> Append(IngestSteps request)
    {
        var batches = request.Batches;
        var round = new AppendRound(batches.Length);
        for (var i = 0; i < batches.Length; i++)
            round.Start(i, active.Find(new EpisodeKey(request.Project, batches[i].Episode)), batches[i].Steps);
        if (batches.Length > 0) await round.Taken;
        var outcomes = new IngestOutcome[batches.Length];
        for (var i = 0; i < batches.Length; i++)
        {
            if (round.Commit(i) is { } commit)
                outcomes[i] = new IngestOutcome(true, await EpisodeAppends.DurableAsync(commit, batches[i].Steps.From + batches[i].Steps.Steps.Count));
        }

        return outcomes;
    }
}
