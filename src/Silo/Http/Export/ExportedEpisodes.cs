namespace Rollbook.Silo.Http;

/// <summary>Reads what an export holds of an episode out of its owner.</summary>
internal sealed class ExportedEpisodes(IGrainFactory grains)
{
    /// <summary>Opens an episode as it is now.</summary>
    /// <exception cref="RefusedException">It isn't there, or can't be read; the message names it.</exception>
    public async ValueTask<EpisodeExport> OpenAsync(EpisodeKey key, CancellationToken cancellation)
    {
        var grain = grains.GetGrain<IEpisodeGrain>(key.ToString());
        var view = await grain.Read();
        if (view.Record is not { } record) throw Refusal(view.Code, key.Id);
        var content = new EpisodeContent(
            record, view.Summary ?? StepSummary.Empty, () => ScorePages.ReadAsync(grain, record.ScoreCount), () => StepPages.ReadAsync(grain, 0, record.StepCount, exact: true));
        try
        {
            return await EpisodeExport.OpenAsync(content, cancellation);
        }
        catch (RefusedException refused)
        {
            throw new RefusedException(refused.Kind, $"Episode {key.Id}: {refused.Message}");
        }
    }

    /// <summary>The refusal of one episode among many.</summary>
    public static RefusedException Refusal(RollbookCode code, EpisodeId id) => new(
        ProblemKind.Of(code),
        code == RollbookCode.EpisodeNotFound ? $"There is no episode {id}. Check the id, or leave it out." : $"Episode {id}: {ProblemKind.Of(code).Cure}");
}
