using Rollbook.Episodes;

namespace Rollbook.Silo.Tests.Http;

/// <summary>An episode in memory that answers as it is told.</summary>
internal sealed class FakeEpisode : IEpisodeGrain
{
    private readonly List<byte[]> entries = [];
    private TaskCompletionSource changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public EpisodeRecord Record { get; set; } = new()
    {
        Key = new EpisodeKey("default", EpisodeId.Parse("01K00000000000000000000000")),
        Worker = "w",
        Task = "t",
        VariantId = "v",
        StartTime = 1.5,
    };

    public List<AppendSteps> Appends { get; } = [];

    public List<EndEpisode> Ends { get; } = [];

    public List<long> ReadFroms { get; } = [];

    public Func<AppendSteps, ValueTask<AppendReply>>? OnAppend { get; set; }

    /// <summary>Asked before each page; what it throws or returns comes first.</summary>
    public Func<long, StepPage?>? OnRead { get; set; }

    public RollbookCode ReadCode { get; set; }

    public Task<StartReply> Open(OpenEpisode request) => throw new NotSupportedException();

    public Task<StartReply> Resume(string? writer) => throw new NotSupportedException();

    public ValueTask<AppendReply> Append(AppendSteps request)
    {
        Appends.Add(request);
        if (OnAppend is not null) return OnAppend(request);
        Add(request.Steps);
        return ValueTask.FromResult(new AppendReply(RollbookCode.Ok, request.From + request.Steps.Count, 0));
    }

    public ValueTask<EndReply> End(EndEpisode request)
    {
        Ends.Add(request);
        Record = Record with { Status = request.Status, EndCause = request.Cause, FinalScore = request.FinalScore, ReportedScore = request.FinalScore, EndTime = 4.125 };
        Signal();
        return ValueTask.FromResult(new EndReply(RollbookCode.Ok, Record, 0));
    }

    public ValueTask<RollbookCode> Heartbeat(long? writerEpoch) => ValueTask.FromResult(RollbookCode.Ok);

    public ValueTask<EpisodeView> Read() => ValueTask.FromResult(
        new EpisodeView(ReadCode, ReadCode == RollbookCode.Ok ? Record : null, 3, StepSummary.Empty, 0));

    public async ValueTask<StepPage> ReadSteps(long from, int maxSteps, TimeSpan wait)
    {
        Task change;
        lock (entries)
        {
            ReadFroms.Add(from);
            change = changed.Task;
        }

        if (OnRead?.Invoke(from) is { } told) return told;
        if (from >= entries.Count && Record.Status == EpisodeStatus.Running && wait > TimeSpan.Zero) await change;
        lock (entries)
        {
            var taken = entries.Skip((int)Math.Min(from, entries.Count)).Take(Math.Min(maxSteps, 2)).ToList();
            var ended = Record.Status != EpisodeStatus.Running && from + taken.Count >= entries.Count;
            return new StepPage(RollbookCode.Ok, from, new EncodedSteps(taken.Count, taken.SelectMany(entry => entry).ToArray()), ended);
        }
    }

    public Func<IReadOnlyList<ScoreEvent>, ValueTask<IReadOnlyList<ScoreReply>>>? OnScore { get; set; }

    public List<ScoreEvent> Scores { get; } = [];

    public ValueTask<IReadOnlyList<ScoreReply>> Score(IReadOnlyList<ScoreEvent> scores)
    {
        if (OnScore is not null) return OnScore(scores);
        Scores.AddRange(scores);
        Record = Record with { ScoreCount = Scores.Count, FinalScore = scores[^1].Value };
        return ValueTask.FromResult<IReadOnlyList<ScoreReply>>([.. scores.Select(s => new ScoreReply(RollbookCode.Ok, false, Record.FinalScore))]);
    }

    public ValueTask<LabelReply> Label(LabelEvent labels)
    {
        Record = Record with { Labels = [.. Record.Labels.Except(labels.Remove).Union(labels.Add).Order(StringComparer.Ordinal)] };
        return ValueTask.FromResult(new LabelReply(RollbookCode.Ok, false, Record.Labels));
    }

    public PatchReply PatchReply { get; set; }

    public ValueTask<PatchReply> Patch(PatchEpisode patch) => ValueTask.FromResult(PatchReply);

    public ValueTask<ScorePage> ReadScores(int from, int most) =>
        ValueTask.FromResult(new ScorePage(RollbookCode.Ok, from, [.. Scores.Skip(from).Take(Math.Min(most, 2))]));

    public ValueTask<long?> Nudge() => ValueTask.FromResult<long?>(1);

    public void Add(EncodedSteps steps)
    {
        lock (entries)
        {
            for (var rest = steps.Bytes.Span; !rest.IsEmpty;)
            {
                var entry = StepEntry.Read(rest);
                entries.Add(entry.Bytes.ToArray());
                rest = rest[entry.Length..];
            }

            Record = Record with { StepCount = entries.Count, TotalSteps = entries.Count };
        }

        Signal();
    }

    private void Signal()
    {
        TaskCompletionSource old;
        lock (entries)
        {
            old = changed;
            changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        old.SetResult();
    }
}
