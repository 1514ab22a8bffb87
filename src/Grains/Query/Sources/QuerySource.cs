namespace Rollbook.Query;

/// <summary>One pinned moment of a project.</summary>
public sealed record QuerySource
{
    /// <summary>Nothing recorded yet.</summary>
    public static readonly QuerySource Empty = new();

    /// <summary>Parquet files of steps, in any order. Empty where they are fetched first: <see cref="FetchSteps"/>.</summary>
    public IReadOnlyList<ArchivedFile> Steps { get; init; } = [];

    /// <summary>
    /// Brings the files of steps to this machine, for who reads them: they are nearly all of an archive, and a listing needs none. Null = <see cref="Steps"/> has them.
    /// </summary>
    public Func<CancellationToken, ValueTask<List<ArchivedFile>>>? FetchSteps { get; init; }

    /// <summary>Parquet files of episodes. An episode may stand in several; the row with the greatest (term, chunk, place) counts.</summary>
    public IReadOnlyList<ArchivedFile> Episodes { get; init; } = [];

    /// <summary>Parquet files of score events; each event stands in one.</summary>
    public IReadOnlyList<ArchivedFile> Scores { get; init; } = [];

    /// <summary>
    /// What the logs hold: every running episode, and the ended ones that the files may not have yet. Where nothing changed since the last pin, the same list may be
    /// given again: then it isn't read anew.
    /// </summary>
    public IReadOnlyList<LiveEpisode> Live { get; init; } = [];

    /// <summary>
    /// Deleted episodes, of which files and logs may still hold rows: none of those counts. Where nothing changed since the last pin, the same set may be given again.
    /// </summary>
    public IReadOnlySet<EpisodeId> Deleted { get; init; } = new HashSet<EpisodeId>();

    /// <summary>When the newest pack was made: what steps are known up to. Null = there is none.</summary>
    public DateTimeOffset? AsOf { get; init; }

    /// <summary>Names of the logs that did not answer: what only they hold is missing.</summary>
    public IReadOnlyList<string> Missing { get; init; } = [];

    /// <summary>Whether every log answered.</summary>
    public bool Complete => Missing.Count == 0;
}
