using System.Threading.Channels;

namespace Rollbook.Silo.Http;

/// <summary>Many scores: one call an episode, and a line a score as its episode completes. One episode's trouble holds up no other.</summary>
/// <param name="lines">The scores.</param>
/// <param name="find">Finds an episode's owner.</param>
/// <param name="time">Ends the wait for an owner.</param>
internal sealed class ScoreLinesReply(ScoreLines lines, Func<EpisodeId, IEpisodeGrain> find, TimeProvider time) : IResult
{
    private const int EpisodesAtOnce = 256;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.ContentType = "application/x-ndjson";
        await using var output = new ScoreLineWriter(response.BodyWriter);
        foreach (var (line, kind, detail, pointer) in lines.Refused) output.Refuse(line, null, null, kind, detail, pointer);
        await response.BodyWriter.FlushAsync(httpContext.RequestAborted);
        var done = Channel.CreateUnbounded<(EpisodeId Episode, IReadOnlyList<ScoreReply> Replies)>(new UnboundedChannelOptions { SingleReader = true });
        // Not the caller's token: what was sent is recorded, whether or not somebody still reads.
        var sending = SendAsync(done.Writer);
        await foreach (var (episode, replies) in done.Reader.ReadAllAsync(httpContext.RequestAborted))
        {
            var scores = lines.Episodes[episode];
            for (var i = 0; i < scores.Count; i++) output.Answer(scores[i].Line, episode, scores[i].Score.EventId, replies[i]);
            if (!done.Reader.TryPeek(out _)) await response.BodyWriter.FlushAsync(httpContext.RequestAborted);
        }

        await sending;
    }

    private async Task SendAsync(ChannelWriter<(EpisodeId Episode, IReadOnlyList<ScoreReply> Replies)> done)
    {
        try
        {
            await Parallel.ForEachAsync(lines.Episodes, new ParallelOptions { MaxDegreeOfParallelism = EpisodesAtOnce }, async (episode, _) =>
                await done.WriteAsync((episode.Key, await ScoreAsync(episode.Key, [.. episode.Value.Select(static s => s.Score)])), CancellationToken.None));
            done.Complete();
        }
        catch (Exception failure)
        {
            done.Complete(failure);
        }
    }

    private async Task<IReadOnlyList<ScoreReply>> ScoreAsync(EpisodeId episode, ScoreEvent[] scores)
    {
        try
        {
            return await find(episode).Score(scores).AsTask().WaitAsync(Patience, time);
        }
        catch (Exception error) when (error is Orleans.Runtime.OrleansException or TimeoutException)
        {
            return [.. scores.Select(static _ => new ScoreReply(RollbookCode.Unavailable, false, null))];
        }
    }
}
