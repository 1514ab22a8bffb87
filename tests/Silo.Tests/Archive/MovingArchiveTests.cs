using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Rollbook.Archive;

namespace Rollbook.Silo.Tests.Archive;

/// <summary>Whatever moves from the log into packs and from there into the folders of the days: each question finds each episode and each of its steps once.</summary>
public sealed class MovingArchiveTests
{
    private const int Workers = 6;
    private const int Rounds = 16;
    private const int EpisodesARound = 10;
    private const int MovesARound = 3;
    private const int LongestSettling = 400;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Ask_WhileEpisodesMoveThroughTheArchive_HasEachEpisodeAndStepOnce()
    {
        using var directory = new TempDirectory();
        await using var server = await SiloServer.StartAsync(directory.Path, ByHand);
        var (rounds, manifests) = (server.Services.GetRequiredService<ArchiveRounds>(), server.Services.GetRequiredService<ManifestStore>());
        var load = new MovingLoad(server, Workers);
        var polls = new MovingPolls(server, load);
        load.Start();
        var (exact, sealedUnderLoad) = (0, 0);
        for (var round = 0; round < Rounds; round++)
        {
            load.Allow(EpisodesARound);
            var moving = Task.Run(() => MoveAsync(rounds), Token);
            await polls.SqlAsync(fresh: round % 2 == 0);
            await polls.ListAsync(round % 2 == 0 ? "" : "&status=completed");
            exact += await polls.StatsAsync();
            sealedUnderLoad += await moving;
        }

        await load.StopAsync();
        // Nothing is recorded any more, and all of it still moves.
        var settling = 0;
        while (!await IsSettledAsync(rounds, manifests))
        {
            Assert.True(settling++ < LongestSettling, "Not every ended episode was sealed.");
            await polls.SqlAsync(fresh: false);
            exact += await AllExactAsync(polls);
        }

        await polls.SqlAsync(fresh: false);
        await polls.ListAsync("");
        exact += await AllExactAsync(polls);

        Figures.Report("moving", string.Create(
            CultureInfo.InvariantCulture,
            $"{polls.Polls} answers of SQL, list and statistics while {load.Snapshot().Count} episodes moved through packs into the folders of the days ({sealedUnderLoad} of them under load): "
            + $"each episode and each of {polls.StepsSeen} steps once, {exact} sums of a task's scores and steps exact"));
        Assert.True(sealedUnderLoad > 0, "Nothing was sealed while the load ran.");
    }

    private static async Task<int> AllExactAsync(MovingPolls polls)
    {
        var exact = await polls.StatsAsync();
        Assert.Equal(MovingLoad.Tasks, exact);
        return exact;
    }

    private static async Task<int> MoveAsync(ArchiveRounds rounds)
    {
        var episodes = 0;
        for (var move = 0; move < MovesARound; move++)
        {
            await rounds.PackOwnAsync(Token);
            episodes += await rounds.CompactAsync(Token);
        }

        return episodes;
    }

    private static async Task<bool> IsSettledAsync(ArchiveRounds rounds, ManifestStore manifests)
    {
        await rounds.PackOwnAsync(Token);
        await rounds.CompactAsync(Token);
        var manifest = await manifests.ReadAsync(EpisodeKey.DefaultProject, Token);
        return manifest.Packs.TrueForAll(static pack => pack.Day is not null || pack.Episodes is null);
    }

    // The test moves what is recorded; the recorder by itself would do so once a second at most.
    private static void ByHand(WebApplicationBuilder builder) => builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
    {
        ["Rollbook:Archive:PackSeconds"] = "3600",
        ["Rollbook:Archive:CompactSeconds"] = "1",
        ["Rollbook:Query:PinSeconds"] = "0",
        ["Rollbook:Query:SqlThreads"] = "1",
    });
}
