using Rollbook.StepLog;

namespace Rollbook.Episodes;

/// <summary>
/// What an activation needs of its episode and no more: the record, the writer's epoch, the next ordinal, the last hashes, the sums, and what the score and label
/// events come to.
/// Changed only by the frames of its log, in log order, so that the owner and recovery come to the same tail.
/// </summary>
public sealed class EpisodeTail
{
    private EpisodeRecord record;
    private long errors;
    private long flagged;
    private double rewardSum;
    private double cumulativeReward;
    private double? lastPassRate;

    /// <summary>The tail of a record with these sums.</summary>
    public EpisodeTail(EpisodeRecord record, StepSummary summary, long writerEpoch, string? writer, EventSet? events = null)
    {
        Events = events;
        this.record = Shown(record);
        NextOrdinal = record.StepCount;
        TotalSteps = record.TotalSteps;
        WriterEpoch = writerEpoch;
        Writer = writer;
        errors = summary.Errors;
        flagged = summary.Flagged;
        rewardSum = summary.RewardSum;
        cumulativeReward = summary.CumulativeReward;
        lastPassRate = summary.LastPassRate;
        LastReceivedAt = summary.LastReceivedAt;
        Hashes.Reset(NextOrdinal);
    }

    /// <summary>The episode.</summary>
    public EpisodeKey Key => record.Key;

    /// <summary>The ordinal that the next step gets.</summary>
    public long NextOrdinal { get; private set; }

    /// <summary>The caller's number of the last step.</summary>
    public long TotalSteps { get; private set; }

    /// <summary>The newest writer's epoch.</summary>
    public long WriterEpoch { get; private set; }

    /// <summary>The newest writer's name; null = none given.</summary>
    public string? Writer { get; private set; }

    /// <summary>When the last step was received, Unix microseconds; 0 before the first.</summary>
    public long LastReceivedAt { get; private set; }

    /// <summary>Running, or how it ended.</summary>
    public EpisodeStatus Status => record.Status;

    /// <summary>Whether it has ended.</summary>
    public bool Ended => record.Status != EpisodeStatus.Running;

    /// <summary>The last hashes.</summary>
    public HashRing Hashes { get; } = new();

    /// <summary>The score and label events; null where there is none.</summary>
    public EventSet? Events { get; private set; }

    /// <summary>The record with the counts of this moment.</summary>
    public EpisodeRecord Record =>
        record.StepCount == NextOrdinal && record.TotalSteps == TotalSteps
            ? record
            : record = record with { StepCount = NextOrdinal, TotalSteps = TotalSteps };

    /// <summary>The sums of this moment.</summary>
    public StepSummary Summary => new()
    {
        Errors = errors,
        Flagged = flagged,
        RewardSum = rewardSum,
        CumulativeReward = cumulativeReward,
        LastPassRate = lastPassRate,
        LastReceivedAt = LastReceivedAt,
    };

    /// <summary>Applies one frame of this episode. Frames come in log order.</summary>
    /// <exception cref="InvalidDataException">The frame does not follow this tail.</exception>
    public void Apply(FrameKind kind, long ordinal, int count, ReadOnlySpan<byte> payload)
    {
        switch (kind)
        {
            case FrameKind.Steps:
                ApplySteps(ordinal, count, payload);
                break;
            case FrameKind.Score:
                var score = ScoreCodec.ReadHead(payload);
                (Events ??= new EventSet()).Add(score, ordinal);
                record = Shown(record);
                break;
            case FrameKind.Label:
                var labels = LabelCodec.Read(payload);
                (Events ??= new EventSet()).Add(labels);
                record = Shown(record);
                break;
            case FrameKind.End or FrameKind.Resume or FrameKind.Patch:
                var next = TailCodec.Read(record.Key, payload);
                record = Shown(next.record);
                WriterEpoch = next.WriterEpoch;
                Writer = next.Writer;
                break;
            default:
                throw new InvalidDataException($"A {kind} frame does not change a tail.");
        }
    }

    /// <summary>An equal tail that shares nothing with this one.</summary>
    public EpisodeTail Copy()
    {
        var copy = new EpisodeTail(Record, Summary, WriterEpoch, Writer, Events?.Copy());
        copy.Hashes.CopyFrom(Hashes);
        return copy;
    }

    /// <summary>This tail with another record or writer, to be written as an ending, a resume or a patch. The hashes stay behind, and the events are shared.</summary>
    public EpisodeTail With(EpisodeRecord changed, long writerEpoch, string? writer) => new(changed, Summary, writerEpoch, writer, Events);

    private EpisodeRecord Shown(EpisodeRecord changed) => Events is null ? changed : Events.Show(changed);

    private void ApplySteps(long ordinal, int count, ReadOnlySpan<byte> payload)
    {
        if (ordinal != NextOrdinal)
            throw new InvalidDataException($"Steps at {ordinal} do not follow the tail of {Key}, which ends at {NextOrdinal}.");
        CheckWhole(count, payload);
        for (var i = 0; i < count; i++)
        {
            var step = StepEntry.Read(payload);
            payload = payload[step.Length..];
            Hashes.Add(step.Hash);
            NextOrdinal++;
            TotalSteps = step.StepNumber != StepEntry.NoStepNumber ? step.StepNumber : NextOrdinal;
            if ((step.Flags & StepFlags.Error) != 0) errors++;
            if ((step.Flags & StepFlags.Flagged) != 0) flagged++;
            rewardSum += step.Reward;
            cumulativeReward = step.CumulativeReward;
            if (!double.IsNaN(step.PassRate)) lastPassRate = step.PassRate;
            LastReceivedAt = step.ReceivedAt;
        }
    }

    // All or nothing: a tail that took half of a frame would be ahead of its log.
    private static void CheckWhole(int count, ReadOnlySpan<byte> payload)
    {
        for (var i = 0; i < count; i++) payload = payload[StepEntry.Read(payload).Length..];
        if (!payload.IsEmpty) throw new InvalidDataException($"{payload.Length} bytes stand behind the {count} steps that were announced.");
    }
}
