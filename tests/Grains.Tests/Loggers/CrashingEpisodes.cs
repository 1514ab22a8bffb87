using Rollbook.Episodes;
using Rollbook.Loggers;
using Xunit;

namespace Rollbook.Grains.Tests.Loggers;

/// <summary>Episodes as their owners keep them, each call durable at once; any call may end the logger's process.</summary>
internal sealed class CrashingEpisodes(CrashPlan plan, ILoggerStore store) : IEpisodes
{
    public Dictionary<EpisodeId, EpisodeRecord> Records { get; } = [];

    public Task<StartReply> OpenAsync(OpenEpisode request) => plan.CallAsync(() => Open(request), static () => Refused(RollbookCode.Unavailable));

    public Task<StartReply> ResumeAsync(EpisodeKey key, string? writer) => plan.CallAsync(() => Resume(key), static () => Refused(RollbookCode.Unavailable));

    public Task<EndReply> EndAsync(EpisodeKey key, EndEpisode request) =>
        plan.CallAsync(() => End(key.Id, request), static () => new EndReply(RollbookCode.Unavailable, null, 0));

    public Task<EpisodeView> ReadAsync(EpisodeKey key) => plan.CallAsync(
        () => Records.TryGetValue(key.Id, out var record)
            ? new EpisodeView(RollbookCode.Ok, record, 1, StepSummary.Empty, record.Status == EpisodeStatus.Running ? 0 : null)
            : new EpisodeView(RollbookCode.EpisodeNotFound, null, 0, null, null),
        static () => new EpisodeView(RollbookCode.Unavailable, null, 0, null, null));

    public EndReply End(EpisodeId id, EndEpisode request)
    {
        if (!Records.TryGetValue(id, out var record)) return new EndReply(RollbookCode.EpisodeNotFound, null, 0);
        if (record.Status != EpisodeStatus.Running)
        {
            var same = Ending.Same(record, request) || request.Status is EpisodeStatus.Superseded or EpisodeStatus.Lost;
            return new EndReply(same ? RollbookCode.Ok : RollbookCode.EndConflict, record, 0);
        }

        Records[id] = record = Ending.Apply(record, request, record.StartTime + 1);
        return new EndReply(RollbookCode.Ok, record, 0);
    }

    /// <summary>A verifier's score, durable in the episode.</summary>
    public EpisodeSummary Score(EpisodeId id, double value) =>
        EpisodeSummary.Of(Records[id] = Records[id] with { FinalScore = value, ScoreCount = Records[id].ScoreCount + 1 });

    private StartReply Open(OpenEpisode request)
    {
        var id = request.Record.Key.Id;
        if (!Records.TryGetValue(id, out var record))
        {
            Assert.True(store.Stored.Open.Any(e => e.Id == id), "an episode was opened that its logger does not name");
            Records[id] = record = request.Record;
        }

        if (record.StartHash != request.Record.StartHash || record.Worker != request.Record.Worker) return Refused(RollbookCode.EpisodeExists);
        if (request.AlreadyEnded is { } end) End(id, end);
        return Started(Records[id]);
    }

    private StartReply Resume(EpisodeKey key)
    {
        if (!Records.TryGetValue(key.Id, out var record)) return Refused(RollbookCode.EpisodeNotFound);
        if (record.Status is not (EpisodeStatus.Running or EpisodeStatus.Lost)) return Refused(RollbookCode.EpisodeEnded);
        Assert.True(store.Stored.Open.Any(e => e.Id == key.Id), "an episode was resumed that its logger does not name");
        Records[key.Id] = record with { Status = EpisodeStatus.Running, EndCause = null, EndTime = null, FinalScore = null, ReportedScore = null };
        return Started(Records[key.Id]);
    }

    private static StartReply Started(EpisodeRecord record) => new() { Code = RollbookCode.Ok, Record = record, WriterEpoch = 1 };

    private static StartReply Refused(RollbookCode code) => new() { Code = code, RetryAfterSeconds = 1 };
}
