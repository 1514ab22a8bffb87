namespace Rollbook.Silo.Tests.Http;

/// <summary>A worker that answers as it is told.</summary>
internal sealed class FakeWorker : ILoggerGrain
{
    public List<StartEpisode> Starts { get; } = [];

    public List<ResumeEpisode> Resumes { get; } = [];

    public StartReply Reply { get; set; } = new() { Code = RollbookCode.Unavailable };

    public LoggerView View { get; set; } = new(RollbookCode.WorkerNotFound, null, []);

    public Task<StartReply> Start(StartEpisode request)
    {
        Starts.Add(request);
        return Task.FromResult(Reply);
    }

    public Task<StartReply> Resume(ResumeEpisode request)
    {
        Resumes.Add(request);
        return Task.FromResult(Reply);
    }

    public Task Ended(EpisodeSummary summary) => Task.CompletedTask;

    public Task<RollbookCode> Scored(EpisodeSummary summary) => Task.FromResult(RollbookCode.Ok);

    public Task<RollbookCode> Drop(EpisodeId episode) => Task.FromResult(RollbookCode.Ok);

    public Task<LoggerView> Read() => Task.FromResult(View);
}
