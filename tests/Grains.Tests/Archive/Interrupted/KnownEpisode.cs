using Rollbook.Episodes;

namespace Rollbook.Grains.Tests.Archive.Interrupted;

/// <summary>What a caller knows of an episode: what it sent, and what was acknowledged.</summary>
internal sealed class KnownEpisode(EpisodeKey key)
{
    public EpisodeKey Key => key;

    /// <summary>Its steps' content.</summary>
    public string Salt { get; } = $"e{key.Id}";

    public bool Opened { get; set; }

    public int Sent { get; set; }

    public int Acknowledged { get; set; }

    public bool EndSent { get; set; }

    public bool Ended { get; set; }

    /// <summary>Scores that were sent, by event.</summary>
    public Dictionary<string, double> ScoresSent { get; } = new(StringComparer.Ordinal);

    /// <summary>Events that were acknowledged.</summary>
    public HashSet<string> Scored { get; } = new(StringComparer.Ordinal);

    /// <summary>The effective final score, where no answer to a score is missing.</summary>
    public double? FinalScore { get; set; }
}
