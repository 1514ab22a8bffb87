using System.Globalization;

namespace Rollbook.Kill.Tests;

/// <summary>T9: a silo stands still (SIGSTOP) until another has taken its episodes over, and wakes up with requests waiting at its own door.</summary>
public sealed class ZombieTests(Azurite azurite)
{
    private const int Seed = 9;
    private const int Workers = 24;
    private const int Steps = 20;
    private const int Knocks = 8;
    private static readonly TimeSpan LongestExit = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task Stop_UntilTheEpisodesAreTakenOver_AcknowledgesNothingThatIsNotRecorded()
    {
        var cluster = new SiloCluster(azurite, 3, Tier.Settings);
        await Trial.RunAsync(cluster, trial => StopAsync(cluster, trial));
    }

    private static async Task StopAsync(SiloCluster cluster, Trial trial)
    {
        var random = new Random(Seed);
        var target = new LoadTarget(TimeSpan.FromSeconds(300));
        await using var supervisor = new Supervisor(cluster, target);
        supervisor.Start();
        var load = new LoadGenerator(Seed, Workers, target, Tier.Pause);
        load.Start();
        var exits = new List<TimeSpan>();
        var codes = new SortedSet<int>();
        var answers = new List<int?>();
        while (exits.Count < Tier.Number("ROLLBOOK_T9_ZOMBIES", 10))
        {
            trial.Now($"steps before stop {exits.Count}; {load.Acknowledged} so far");
            await load.MoreAsync(random.Next(Workers, 5 * Workers));
            trial.Now("all silos come up");
            await supervisor.HoldAsync();
            var (code, gone) = await WakeAsync(cluster, random.Next(cluster.Count), answers, trial);
            codes.Add(code);
            exits.Add(gone);
            supervisor.GoOn();
        }

        trial.Now("steps after the last stop");
        await load.MoreAsync(5 * Workers);
        await load.StopAsync();
        await supervisor.HoldAsync();
        trial.Now("the comparison");
        using var reader = cluster[0].Client(TimeSpan.FromSeconds(60));
        var report = await Checker.CheckAsync(reader, load.Journals);
        exits.Sort();
        Figures.Report("T9", string.Create(
            CultureInfo.InvariantCulture,
            $"{exits.Count} silos stopped until taken over: of {answers.Count} requests at their doors {answers.Count(status => status is not null)} were answered, {answers.Count(status => status == 200)} with 200, each recorded; gone after {exits[exits.Count / 2].TotalSeconds:0.0} s "
            + $"(median), {exits[^1].TotalSeconds:0.0} s (longest), exit codes {string.Join(", ", codes)}; {report.Steps} steps acknowledged under {Workers} workers, {report.Lost.Count} lost, {report.Wrong.Count} wrong"));
        report.AssertClean();
    }

    /// <summary>One zombie: stopped, taken over, woken, gone.</summary>
    /// <returns>Its exit code, and how long it was there after it had run on.</returns>
    private static async Task<(int Code, TimeSpan Gone)> WakeAsync(SiloCluster cluster, int place, List<int?> answers, Trial trial)
    {
        trial.Now($"an episode of the silo at place {place} begins");
        var zombie = cluster[place];
        var episode = await ProbedEpisode.BeginAsync(cluster, place, Steps);
        var log = await cluster.LogOfAsync(place);
        trial.Now($"the silo at place {place} stands still, and another gets the episode {episode.Id}");
        zombie.Signal(Signals.Stop);

        // Some of the load's workers wait at the zombie's door; this one goes to another.
        using var elsewhere = cluster[(place + 1) % cluster.Count].Client(TimeSpan.FromSeconds(300));
        await episode.AppendAsync(elsewhere, 1);
        Assert.NotEqual(log, (await cluster.Headers.ReadAsync(episode.Key, CancellationToken.None))!.Owner);
        var knocks = await episode.KnockAsync(zombie, Knocks);

        trial.Now("it runs on");
        var woken = TimeProvider.System.GetTimestamp();
        zombie.Signal(Signals.Continue);
        var code = await zombie.ExitAsync(Tier.Limit(LongestExit));
        var gone = TimeProvider.System.GetElapsedTime(woken);
        trial.Now("it is gone, and the episode is compared");
        answers.AddRange(await episode.CompareAsync(elsewhere, knocks));
        foreach (var knock in knocks) knock.Dispose();
        return (code, gone);
    }
}
