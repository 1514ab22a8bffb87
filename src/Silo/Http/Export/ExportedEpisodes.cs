using System.Runtime.CompilerServices;

namespace Rollbook.Silo.Http;

/// <summary>Reads what an export holds of its episodes.</summary>
/// <param name="selection">Which.</param>
/// <param name="episodes">Where they are read.</param>
/// <param name="steps">Whether their steps are exported.</param>
/// <param name="scores">Whether their score events are.</param>
internal sealed class ExportedEpisodes(IEpisodeSelection selection, EpisodeSources episodes, bool steps, bool scores)
{
    private readonly List<LeftOut> leftOut = [];

    /// <summary>Which.</summary>
    public IEpisodeSelection Selection => selection;

    /// <summary>Those that can't be read and were left out. All of them behind the last episode.</summary>
    public IReadOnlyList<LeftOut> LeftOut => leftOut;

    /// <summary>The episodes, one after another, each as it is when its turn comes, and each proven.</summary>
    /// <param name="after">Only ids behind this one; null = all.</param>
    /// <param name="cancellation">Ends the sequence.</param>
    /// <exception cref="RefusedException">One isn't there, or can't be read; the message names it.</exception>
    public async IAsyncEnumerable<EpisodeContent> ReadAsync(EpisodeId? after, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (var key in selection.ReadAsync(after, cancellation))
        {
            EpisodeContent content;
            try
            {
                content = await ReadAsync(key, cancellation);
            }
            catch (RefusedException refused) when (selection.MayVanish && (refused.Kind == ProblemKind.Of(RollbookCode.EpisodeNotFound) || refused.Kind == ProblemKind.Of(RollbookCode.EpisodeDeleted)))
            {
                // Nobody asked for it by its id.
                continue;
            }
            catch (RefusedException refused) when (selection.LeavesOutDamaged && refused.Kind == ProblemKind.Of(RollbookCode.Damaged))
            {
                leftOut.Add(new LeftOut(key.Id.ToString(), refused.Kind.Code, refused.Message));
                continue;
            }

            yield return content;
        }
    }

    /// <summary>The refusal of one episode among many.</summary>
    public static RefusedException Refusal(EpisodeView view, EpisodeId id) => view.Code == RollbookCode.EpisodeNotFound
        ? new RefusedException(ProblemKind.Of(view.Code), $"There is no episode {id}. Check the id, or leave it out.")
        : Named(StepPages.Refusal(view.Code, view.Damage), id);

    private async ValueTask<EpisodeContent> ReadAsync(EpisodeKey key, CancellationToken cancellation)
    {
        var episode = episodes.Of(key);
        var view = await episode.ReadAsync();
        if (view.Record is not { } record) throw Refusal(view, key.Id);
        var content = new EpisodeContent(
            record, view.Summary ?? StepSummary.Empty, () => ScorePages.ReadAsync(episode, record.ScoreCount), () => StepPages.ReadAsync(episode, 0, record.StepCount, exact: true));
        try
        {
            return await ProvenEpisode.OfAsync(content, steps, scores, cancellation);
        }
        catch (RefusedException refused)
        {
            throw Named(refused, key.Id);
        }
    }

    private static RefusedException Named(RefusedException refused, EpisodeId id) => new(refused.Kind, $"Episode {id}: {refused.Message}");
}
