using Rollbook.Client;

namespace Rollbook.Testing;

/// <summary>What one worker knows of one of its episodes: the requests it sent, and what it was told.</summary>
internal sealed class EpisodeJournal(int seed, int worker, int episode)
{
    public int Seed => seed;

    public int Worker => worker;

    public int Episode => episode;

    /// <summary>The reply to its start, null where there was none.</summary>
    public StartedEpisode? Started { get; set; }

    /// <summary>Steps below this ordinal were sent at least once.</summary>
    public long Sent { get; private set; }

    /// <summary>Steps below this ordinal were acknowledged.</summary>
    public long Acknowledged { get; private set; }

    /// <summary>Requests whose outcome stayed unknown when they were sent first.</summary>
    public int Unknown { get; private set; }

    /// <summary>The score of an end that was sent.</summary>
    public double? EndSent { get; private set; }

    /// <summary>True once the end was acknowledged.</summary>
    public bool EndAcknowledged { get; private set; }

    public string WorkerName => $"load-{seed}.{worker}";

    public string IdempotencyKey => $"{seed}-{worker}-{episode}";

    public byte[] Step(long ordinal) => StepContent.Json(seed, worker, episode, ordinal);

    public void Invoke(long from, int count) => Sent = Math.Max(Sent, from + count);

    public void Ok(long nextOrdinal) => Acknowledged = Math.Max(Acknowledged, nextOrdinal);

    public void InvokeEnd(double score) => EndSent = score;

    public void OkEnd() => EndAcknowledged = true;

    public void IsUnknown() => Unknown++;
}
