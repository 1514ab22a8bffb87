using System.Threading.Channels;

namespace Rollbook.Silo.Http;

/// <summary>
/// The appends of one request, all under way at once. They go on to their ends whether or not somebody still waits: what was
/// sent is recorded.
/// </summary>
internal sealed partial class EnvelopeAppends(IGrainFactory grains, string project, ILogger log)
{
    private readonly Channel<EpisodeOutcome> outcomes = Channel.CreateUnbounded<EpisodeOutcome>(new UnboundedChannelOptions { SingleReader = true });
    private int failures;

    /// <summary>The outcomes in the order in which they come; never completed.</summary>
    public ChannelReader<EpisodeOutcome> Outcomes => outcomes.Reader;

    /// <summary>Starts the appends of all parts that are not refused.</summary>
    public void Start(IReadOnlyList<EpisodeSteps> parts)
    {
        for (var i = 0; i < parts.Count; i++)
        {
            if (parts[i].Refusal is null) _ = AppendAsync(i, parts[i]);
        }
    }

    private async Task AppendAsync(int part, EpisodeSteps steps)
    {
        AppendReply reply;
        try
        {
            var grain = grains.GetGrain<IEpisodeGrain>(new EpisodeKey(project, steps.Episode).ToString());
            reply = await grain.AppendSlicedAsync(steps.From, steps.Steps, steps.WriterEpoch);
        }
        catch (Exception error)
        {
            // Whatever it was, the outcome is unknown. Where a log is away, a thousand episodes fail alike: one is told.
            if (Interlocked.Increment(ref failures) == 1) LogUnknown(log, steps.Episode, error);
            reply = new AppendReply(RollbookCode.Unavailable, 0, 0);
        }

        outcomes.Writer.TryWrite(new EpisodeOutcome(part, reply));
    }

    [LoggerMessage(1, LogLevel.Warning, "An append to {Episode}, the first of its request to fail, has an unknown outcome; the caller was told so.")]
    private static partial void LogUnknown(ILogger log, EpisodeId episode, Exception error);
}
