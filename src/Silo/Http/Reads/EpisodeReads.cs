using Rollbook.Episodes;

namespace Rollbook.Silo.Http;

/// <summary>Reads one episode: one that has ended from where it lies, any other through its owner. For one request.</summary>
/// <param name="grain">The owner.</param>
/// <param name="find">Looks for an ended episode that can be read without it; null = there is no such way.</param>
internal sealed class EpisodeReads(IEpisodeGrain grain, Func<ValueTask<EndedEpisode?>>? find)
{
    private EndedEpisode? ended;
    private bool looked;

    /// <summary>Reads all of it through the owner.</summary>
    public static EpisodeReads Through(IEpisodeGrain grain) => new(grain, null);

    /// <summary>The record and the sums.</summary>
    public async ValueTask<EpisodeView> ReadAsync() => await FindAsync() is { } found ? found.View : await grain.Read();

    /// <summary>A page of steps.</summary>
    public async ValueTask<StepPage> StepsAsync(long from, int most)
    {
        if (await FindAsync() is { } found)
        {
            var page = await found.ReadStepsAsync(from, most, CancellationToken.None);
            if (page.Code != RollbookCode.Unavailable) return page;
            ended = null;
        }

        return await grain.ReadSteps(from, most, TimeSpan.Zero);
    }

    /// <summary>A page of score events.</summary>
    public async ValueTask<ScorePage> ScoresAsync(int from, int most)
    {
        if (await FindAsync() is { } found)
        {
            var page = await found.ReadScoresAsync(from, most, CancellationToken.None);
            if (page.Code != RollbookCode.Unavailable) return page;
            ended = null;
        }

        return await grain.ReadScores(from, most);
    }

    private async ValueTask<EndedEpisode?> FindAsync()
    {
        if (looked || find is null) return ended;
        looked = true;
        return ended = await find();
    }
}
