namespace Rollbook.Archive;

/// <summary>An episode that is to be deleted, as it was seen just now.</summary>
/// <param name="Id">The episode.</param>
/// <param name="Steps">How many steps it has.</param>
/// <param name="Running">It has not ended.</param>
/// <param name="Pinned">It has the label that protects it.</param>
internal sealed record DoomedEpisode(EpisodeId Id, long Steps, bool Running, bool Pinned)
{
    /// <summary>The label that protects an episode.</summary>
    public const string PinnedLabel = "pinned";

    /// <summary>As its record says.</summary>
    public static DoomedEpisode Of(EpisodeRecord record) => new(
        record.Key.Id, record.StepCount, record.Status == EpisodeStatus.Running, record.Labels.Contains(PinnedLabel));
}
