namespace Rollbook.Silo.Http;

/// <summary>What became of each episode's heartbeat, in the order of the request.</summary>
internal sealed record HeartbeatAnswer(IReadOnlyList<HeartbeatAnswer.Episode> Episodes)
{
    /// <summary>One episode: <c>ok</c> or the code of a refusal.</summary>
    internal sealed record Episode(string EpisodeId, string Code);
}
