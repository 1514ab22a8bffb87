using Rollbook.Archive;
using Rollbook.Loggers;
using Rollbook.StepLog;

namespace Rollbook.Hosting;

/// <summary>Episodes that are to be deleted, as grains.</summary>
internal sealed class DoomedEpisodes(IGrainFactory grains) : IDoomedEpisodes
{
    /// <inheritdoc/>
    public async ValueTask<RollbookCode> AbortAsync(EpisodeKey key)
    {
        var reply = await Episode(key).End(new EndEpisode { Status = EpisodeStatus.Aborted, Cause = "deleted" });
        // It ended otherwise meanwhile, which does as well.
        return reply.Code is RollbookCode.EndConflict ? RollbookCode.Ok : reply.Code;
    }

    /// <inheritdoc/>
    public async ValueTask ForgetAsync(EpisodeKey key, string worker)
    {
        // It finds the header, and its activation goes.
        await Episode(key).Read();
        if (await grains.GetGrain<ILoggerGrain>(LoggerKey.Of(key.Project, worker)).Drop(key.Id) != RollbookCode.Ok)
            throw new StorageFullException($"There is no room to write the history of {worker}.");
    }

    private IEpisodeGrain Episode(EpisodeKey key) => grains.GetGrain<IEpisodeGrain>(key.ToString());
}
