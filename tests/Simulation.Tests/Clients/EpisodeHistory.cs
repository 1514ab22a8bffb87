using System.Globalization;
using Rollbook.Simulation.Tests.Engine;

namespace Rollbook.Simulation.Tests.Clients;

/// <summary>
/// What the clients of one episode sent and what they were told, and the checks of it: the oracle. It knows nothing of logs, terms or silos.
/// </summary>
internal sealed class EpisodeHistory(World world, EpisodeKey key, bool mayBeLost)
{
    private readonly Dictionary<long, HashSet<string>> sent = [];
    private readonly Dictionary<long, string> acked = [];
    private readonly Dictionary<long, string> read = [];
    private readonly HashSet<string> conflicted = [];
    private readonly List<EndEpisode> endsSent = [];
    private EpisodeRecord? ackedEnd;
    private long sawEndedAt = -1;
    private bool toldEnded;

    /// <summary>Scores and labels.</summary>
    public EventHistory Events { get; } = new(world, key);

    /// <summary>How many steps, from the first on, are acknowledged.</summary>
    public long AckedNext { get; private set; }

    /// <summary>Acknowledged steps in all.</summary>
    public int Acked => acked.Count;

    /// <summary>Resumes that were sent, whatever came of them.</summary>
    public int Resumes { get; set; }

    /// <summary>An ending that can't be taken back was acknowledged.</summary>
    public bool EndedForGood => ackedEnd is { Status: not EpisodeStatus.Lost };

    private string Name => $"episode {key.Id.Value & 0xFF:x2}";

    /// <summary>What else may stand at an ordinal: sent there, and not refused yet.</summary>
    public string Another(long ordinal, string line) => sent[ordinal].FirstOrDefault(other => !conflicted.Contains(Place(ordinal, other))) ?? line;

    public void Sent(long from, IReadOnlyList<string> lines)
    {
        for (var i = 0; i < lines.Count; i++)
        {
            if (!sent.TryGetValue(from + i, out var there)) sent[from + i] = there = [];
            there.Add(lines[i]);
        }
    }

    public void Sent(EndEpisode end) => endsSent.Add(end);

    /// <summary>An append was answered.</summary>
    /// <param name="from">Its first ordinal.</param>
    /// <param name="lines">Its steps.</param>
    /// <param name="reply">The answer.</param>
    /// <param name="ackedBefore">How much was acknowledged when it was sent.</param>
    /// <param name="endedBefore">Whether a final ending was acknowledged when it was sent.</param>
    public void Answered(long from, IReadOnlyList<string> lines, AppendReply reply, long ackedBefore, bool endedBefore)
    {
        switch (reply.Code)
        {
            case RollbookCode.Ok:
                Check(reply.NextOrdinal == from + lines.Count, $"an append of {lines.Count} at {from} was acknowledged up to {reply.NextOrdinal}");
                for (var i = 0; i < lines.Count; i++) Ack(from + i, lines[i], endedBefore);
                break;
            case RollbookCode.OrdinalGap:
                Check(from > ackedBefore, $"a gap before {from} although {ackedBefore} steps were acknowledged");
                Check(!endedBefore, $"a gap at {from} after the ending was acknowledged");
                break;
            case RollbookCode.OrdinalConflict:
                var at = (int)(reply.NextOrdinal - from);
                if (Check(at >= 0 && at < lines.Count, $"a conflict at {reply.NextOrdinal}, outside of the append at {from}"))
                {
                    Check(sent[reply.NextOrdinal].Count > 1, $"a conflict at {reply.NextOrdinal}, where only one step was ever sent");
                    conflicted.Add(Place(reply.NextOrdinal, lines[at]));
                    Check(acked.GetValueOrDefault(reply.NextOrdinal) != lines[at], $"a conflict at {reply.NextOrdinal} with the acknowledged step itself");
                }

                break;
            case RollbookCode.EpisodeEnded:
                Check(mayBeLost || endsSent.Count > 0, "the episode has ended, but nobody ended it");
                toldEnded = true;
                break;
            case RollbookCode.WriterFenced:
                Check(Resumes > 0, "the writer is fenced, but nobody resumed");
                break;
            case RollbookCode.Busy or RollbookCode.Unavailable:
                break;
            default:
                Check(false, $"an append was answered {reply.Code}");
                break;
        }
    }

    public void Answered(EndEpisode end, EndReply reply)
    {
        switch (reply.Code)
        {
            case RollbookCode.Ok:
                Check(reply.Record is { Status: not EpisodeStatus.Running }, "an end was acknowledged with a running record");
                Check(reply.Record!.StepCount >= AckedNext || end.NextOrdinal is null, $"an end at {reply.Record.StepCount} although {AckedNext} steps were acknowledged");
                if (reply.Record.Status == EpisodeStatus.Lost) break;
                Check(ackedEnd is null || SameEnd(ackedEnd, reply.Record), $"two endings were acknowledged: {Text(ackedEnd)} and {Text(reply.Record)}");
                Check(endsSent.Exists(e => e.Status == reply.Record.Status && e.FinalScore == reply.Record.ReportedScore), $"an ending was acknowledged that nobody sent: {Text(reply.Record)}");
                ackedEnd = reply.Record;
                break;
            case RollbookCode.EndConflict:
                Check(mayBeLost || endsSent.Exists(e => e.Status != end.Status || e.FinalScore != end.FinalScore), "an end conflict, but only one ending was sent");
                break;
            case RollbookCode.OrdinalGap:
                Check(end.NextOrdinal > AckedNext, $"an end at {end.NextOrdinal} met a gap although {AckedNext} steps were acknowledged");
                break;
            case RollbookCode.OrdinalConflict:
                Check(sent.ContainsKey(end.NextOrdinal!.Value), $"an end at {end.NextOrdinal} met more steps than were ever sent");
                break;
            case RollbookCode.WriterFenced:
                Check(Resumes > 0, "the writer is fenced, but nobody resumed");
                break;
            case RollbookCode.Busy or RollbookCode.Unavailable:
                break;
            default:
                Check(false, $"an end was answered {reply.Code}");
                break;
        }
    }

    public void Answered(StartReply reply, long ackedBefore)
    {
        if (reply.Code is RollbookCode.Busy or RollbookCode.Unavailable) return;
        if (reply.Code == RollbookCode.EpisodeEnded) Check(endsSent.Count > 0, "a resume met an ending that nobody sent");
        else if (Check(reply.Code == RollbookCode.Ok, $"a start or resume was answered {reply.Code}"))
            Check(reply.NextOrdinal >= ackedBefore, $"a start or resume at {reply.NextOrdinal} although {ackedBefore} steps were acknowledged");
    }

    /// <summary>A page was read, at any time, from any silo: an old prefix is allowed, another step never.</summary>
    public void Read(long from, StepPage page)
    {
        if (page.Code is RollbookCode.Busy or RollbookCode.Unavailable or RollbookCode.EpisodeNotFound) return;
        if (!Check(page.Code == RollbookCode.Ok, $"a read at {from} was answered {page.Code}")) return;
        var ordinal = page.From;
        foreach (var (line, _) in SimSteps.Decode(page.Steps))
        {
            Check(sent.TryGetValue(ordinal, out var there) && there.Contains(line), $"a step was read at {ordinal} that nobody sent: {line}");
            Check(acked.GetValueOrDefault(ordinal, line) == line, $"at {ordinal} {line} was read although {acked.GetValueOrDefault(ordinal)} was acknowledged");
            Check(read.TryAdd(ordinal, line) || read[ordinal] == line, $"two steps were read at {ordinal}: {read[ordinal]} and {line}");
            ordinal++;
        }

        if (page.Ended && !mayBeLost && page.Steps.Count > 0) sawEndedAt = ordinal;
    }

    /// <summary>The last word: everything, through a fresh reader on a fresh silo.</summary>
    public void Verify(IReadOnlyList<(string Line, long ReceivedAt)> steps, EpisodeRecord record)
    {
        world.Log($"{Name} in the end: {steps.Count} steps, {record.Status}, {acked.Count} acknowledged");
        for (var ordinal = 0; ordinal < steps.Count; ordinal++)
        {
            var line = steps[ordinal].Line;
            Check(sent.TryGetValue(ordinal, out var there) && there.Contains(line), $"a step stands at {ordinal} that nobody sent: {line}");
            Check(!conflicted.Contains(Place(ordinal, line)), $"at {ordinal} stands the step that was refused as a conflict");
            Check(ordinal == 0 || steps[ordinal].ReceivedAt >= steps[ordinal - 1].ReceivedAt, $"step {ordinal} was received before the one before it");
        }

        foreach (var (ordinal, line) in acked)
            if (Check(ordinal < steps.Count, $"the acknowledged step {ordinal} is lost: the record ends at {steps.Count}"))
                Check(steps[(int)ordinal].Line == line, $"the acknowledged step {ordinal} is {steps[(int)ordinal].Line}, not {line}");
        foreach (var (ordinal, line) in read)
            Check(ordinal < steps.Count && steps[(int)ordinal].Line == line, $"step {ordinal} was read as {line} before it was durable");
        Check(record.StepCount == steps.Count, $"the record says {record.StepCount} steps, and {steps.Count} are there");
        if (sawEndedAt >= 0) Check(sawEndedAt == steps.Count, $"a reader was told that the episode ended at {sawEndedAt}");
        if (toldEnded && !mayBeLost) Check(record.Status != EpisodeStatus.Running, "a writer was told that the episode had ended, and it runs");
        if (ackedEnd is not null && EndedForGood) Check(SameEnd(ackedEnd, record) && record.StepCount == ackedEnd.StepCount, $"the ending {Text(ackedEnd)} was acknowledged, and it is {Text(record)}");
        else if (record.Status is EpisodeStatus.Completed or EpisodeStatus.Aborted) Check(endsSent.Exists(e => e.Status == record.Status), $"it is {record.Status}, but nobody ended it so");
        else if (record.Status == EpisodeStatus.Lost) Check(mayBeLost, "it was lost before its deadline");
    }

    private static bool SameEnd(EpisodeRecord one, EpisodeRecord other) =>
        one.Status == other.Status && one.ReportedScore == other.ReportedScore && one.EndCause == other.EndCause && one.EndTime == other.EndTime;

    private static string Place(long ordinal, string line) => string.Create(CultureInfo.InvariantCulture, $"{ordinal} {line}");

    private static string Text(EpisodeRecord? record) => record is null ? "none" : $"{record.Status} {record.ReportedScore} after {record.StepCount} steps";

    private void Ack(long ordinal, string line, bool endedBefore)
    {
        if (!acked.TryGetValue(ordinal, out var before))
        {
            Check(!endedBefore || ordinal < ackedEnd!.StepCount, $"step {ordinal} was taken after the ending");
            acked[ordinal] = line;
        }
        else
        {
            Check(before == line, $"two steps were acknowledged at {ordinal}: {before} and {line}");
        }

        Check(!conflicted.Contains(Place(ordinal, line)), $"at {ordinal} {line} was refused as a conflict and acknowledged");
        while (acked.ContainsKey(AckedNext)) AckedNext++;
    }

    private bool Check(bool holds, string message)
    {
        if (!holds) world.Fail($"{Name}: {message}");
        return holds;
    }
}
