using Rollbook.Simulation.Tests.Engine;

namespace Rollbook.Simulation.Tests.Clients;

/// <summary>The score and label events of one episode as their senders know them, and the checks of them: every acknowledged one is there once.</summary>
internal sealed class EventHistory(World world, EpisodeKey key)
{
    private readonly Dictionary<string, List<ScoreEvent>> sent = [];
    private readonly Dictionary<string, ScoreEvent> acked = [];
    private readonly Dictionary<string, LabelEvent> ackedLabels = [];

    private string Name => $"episode {key.Id.Value & 0xFF:x2}";

    public void Sent(ScoreEvent score)
    {
        if (!sent.TryGetValue(score.EventId, out var bodies)) sent[score.EventId] = bodies = [];
        if (!bodies.Contains(score)) bodies.Add(score);
    }

    public void Answered(ScoreEvent score, ScoreReply reply)
    {
        switch (reply.Code)
        {
            case RollbookCode.Ok:
                Check(acked.GetValueOrDefault(score.EventId, score) == score, $"two bodies of {score.EventId} were acknowledged");
                acked[score.EventId] = score;
                break;
            case RollbookCode.ScoreConflict:
                Check(acked.GetValueOrDefault(score.EventId) != score, $"a conflict of {score.EventId} with itself");
                Check(sent[score.EventId].Count > 1, $"a conflict of {score.EventId}, of which one body was sent");
                break;
            default:
                Check(reply.Code is RollbookCode.Busy or RollbookCode.Unavailable, $"a score was answered {reply.Code}");
                break;
        }
    }

    public void Answered(LabelEvent labels, LabelReply reply)
    {
        if (reply.Code == RollbookCode.Ok)
        {
            ackedLabels[labels.EventId] = labels;
            foreach (var label in labels.Add) Check(reply.Duplicate || reply.Labels.Contains(label), $"{label} was acknowledged and is not set");
        }
        else
        {
            Check(reply.Code is RollbookCode.Busy or RollbookCode.Unavailable, $"a label was answered {reply.Code}");
        }
    }

    /// <summary>The last word.</summary>
    public void Verify(IReadOnlyList<ScoreEvent> scores, EpisodeRecord record)
    {
        Check(scores.Count == record.ScoreCount, $"the record says {record.ScoreCount} scores, and {scores.Count} are there");
        Check(scores.Select(static s => s.EventId).Distinct().Count() == scores.Count, "a score stands there twice");
        foreach (var score in scores)
            Check(sent.TryGetValue(score.EventId, out var bodies) && bodies.Contains(score), $"a score stands there that nobody sent: {score.EventId} {score.Value}");
        foreach (var (id, score) in acked) Check(scores.Contains(score), $"the acknowledged score {id} is lost or another");
        var newest = scores.LastOrDefault(static s => s.Name == ScoreEvent.Final);
        Check(record.FinalScore == (newest is null ? record.ReportedScore : newest.Value), $"the final score is {record.FinalScore}, and the newest event says {newest?.Value}");
        // Each event sets a label of its own, which nobody takes away.
        foreach (var label in ackedLabels.Values.SelectMany(static l => l.Add)) Check(record.Labels.Contains(label), $"the acknowledged label {label} is lost");
    }

    private void Check(bool holds, string what)
    {
        if (!holds) world.Fail($"{Name}: {what}");
    }
}
