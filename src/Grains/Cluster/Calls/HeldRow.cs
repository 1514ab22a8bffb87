using Rollbook.StepLog;

namespace Rollbook.Cluster;

/// <summary>An episode as its log holds it, as it travels.</summary>
/// <param name="Record">The record.</param>
/// <param name="Summary">The sums over its steps.</param>
/// <param name="Term">The term of the claim.</param>
/// <param name="Chunk">The chunk of its newest frame.</param>
/// <param name="Place">Where that frame stands in the chunk.</param>
/// <param name="Left">Whether another log was about to take it over.</param>
[GenerateSerializer, Immutable, Alias("rollbook.HeldRow")]
internal readonly record struct HeldRow(
    [property: Id(0)] EpisodeRecord Record, [property: Id(1)] StepSummary Summary, [property: Id(2)] long Term, [property: Id(3)] long Chunk, [property: Id(4)] int Place,
    [property: Id(5)] bool Left)
{
    /// <summary>An episode to send.</summary>
    public static HeldRow Of(HeldEpisode held) => new(held.Record, held.Summary, held.Term, held.Chunk, held.Place, held.Left);

    /// <summary>The episode that was sent.</summary>
    public HeldEpisode Episode => new(Record, Summary, Term, Chunk, Place, Left);
}
