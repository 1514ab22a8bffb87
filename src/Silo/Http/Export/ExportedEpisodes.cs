namespace Rollbook.Silo.Http;

/// <summary>Reads what an export holds of its episodes.</summary>
/// <param name="selection">Which.</param>
/// <param name="episodes">Where they are read.</param>
internal sealed class ExportedEpisodes(IEpisodeSelection selection, EpisodeSources episodes)
{
    /// <summary>Which.</summary>
    public IEpisodeSelection Selection => selection;

    /// <summary>The episodes, one after another, each as it is when its turn comes.</summary>
    /// <param name="after">Only ids behind this one; null = all.</param>
    /// <param name="cancellation">Ends the sequence.</param>
    /// <exception cref="RefusedException">One isn't there, or can't be read; the message names it.</exception>
    public async IAsyncEnumerable<EpisodeContent> ReadAsync(EpisodeId? after, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (var key in selection.ReadAsync(after, cancellation))
        {
            var episode = episodes.Of(key);
            var view = await episode.ReadAsync();
            if (view.Record is { } record)
            {
                yield return new EpisodeContent(
                    record, view.Summary ?? StepSummary.Empty, () => ScorePages.ReadAsync(episode, record.ScoreCount), () => StepPages.ReadAsync(episode, 0, record.StepCount, exact: true));
            }
            else if (!selection.MayVanish || view.Code != RollbookCode.EpisodeNotFound)
            {
                throw Refusal(view.Code, key.Id);
            }
        }
    }

    /// <summary>The refusal of one episode among many.</summary>
    public static RefusedException Refusal(RollbookCode code, EpisodeId id) => new(
        ProblemKind.Of(code),
        code == RollbookCode.EpisodeNotFound ? $"There is no episode {id}. Check the id, or leave it out." : $"Episode {id}: {ProblemKind.Of(code).Cure}");

    /// <summary>As a refusal that names the episode.</summary>
    public static RefusedException Named(RefusedException refused, EpisodeId id) => new(refused.Kind, $"Episode {id}: {refused.Message}");
}
