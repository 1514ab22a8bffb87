using System.Globalization;
using System.Text.Json;
using Rollbook.Client;

namespace Rollbook.Kill.Tests;

/// <summary>A listing says what it lacks while a silo is gone, and lacks nothing when it says so.</summary>
public sealed class ListingTests(Azurite azurite)
{
    private const int EpisodesEach = 20;
    private static readonly TimeSpan LongestGood = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(300);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    [Fact]
    public async Task List_DuringAndAfterAKill_NamesTheMissingLogAndIsThenWhole()
    {
        var cluster = new SiloCluster(azurite, 3, Tier.Settings);
        await Trial.RunAsync(cluster, trial => ListAsync(cluster, trial));
    }

    private static async Task ListAsync(SiloCluster cluster, Trial trial)
    {
        trial.Now("episodes are recorded");
        var expected = new Dictionary<string, long>();
        for (var place = 0; place < cluster.Count; place++)
        {
            using var client = cluster[place].Client(TimeSpan.FromSeconds(60));
            for (var i = 0; i < EpisodesEach; i++)
            {
                var steps = 1 + (i % 5);
                var started = await client.StartAsync(FormattableString.Invariant($"list-{place}.{i}"), new EpisodeStart { Task = "listed", VariantId = "kill" });
                await client.AppendAsync(started.EpisodeId, 0, StepContent.Lines(5, place, i, 0, steps), started.WriterEpoch);
                expected.Add(started.EpisodeId, steps);
            }
        }

        trial.Now("a listing before the kill");
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = cluster[1].Address, Timeout = Longest };
        var (before, none) = await UntilCompleteAsync(http, []);
        Assert.Equal(expected, before);
        var log = (await cluster.LogOfAsync(0)).ToString();
        Assert.Empty(none);
        trial.Now("the kill, and listings until one is complete");
        var killed = TimeProvider.System.GetTimestamp();
        await cluster[0].KillAsync();

        // Until it is missed, what was listed last may still be good.
        var missing = new List<string[]>();
        Dictionary<string, long> after;
        do
        {
            (after, _) = await UntilCompleteAsync(http, missing);
            Assert.Equal(expected, after);
        }
        while (missing.Count == 0 && TimeProvider.System.GetElapsedTime(killed) < LongestGood);

        var whole = TimeProvider.System.GetElapsedTime(killed);
        Assert.NotEmpty(missing);
        Assert.All(missing, logs => Assert.Equal([log], logs));
        Figures.Report("Listing", string.Create(
            CultureInfo.InvariantCulture, $"{missing.Count} listings after a kill named the missing log; complete and right {whole.TotalSeconds:0.0} s after it, {after.Count} episodes"));
    }

    /// <summary>Asks until an answer is complete; the others name what they lack, and have nothing that isn't so.</summary>
    private static async Task<(Dictionary<string, long> Found, List<string[]> Missing)> UntilCompleteAsync(HttpClient http, List<string[]> missing)
    {
        var begun = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(begun) < Longest)
        {
            using var answer = JsonDocument.Parse(await http.GetByteArrayAsync(new Uri("v1/episodes?task=listed&limit=1000", UriKind.Relative)));
            var found = answer.RootElement.GetProperty("items").EnumerateArray()
                .ToDictionary(static item => item.GetProperty("episode_id").GetString()!, static item => item.GetProperty("step_count").GetInt64());
            if (answer.RootElement.GetProperty("complete").GetBoolean()) return (found, missing);
            missing.Add([.. answer.RootElement.GetProperty("missing").EnumerateArray().Select(static log => log.GetString()!)]);
            await Task.Delay(Pause, TimeProvider.System);
        }

        throw new TimeoutException($"No listing was complete within {Longest.TotalSeconds:0} s; the last missed {string.Join(", ", missing[^1])}.");
    }
}
