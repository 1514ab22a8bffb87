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
        var random = new Random(Seed);
        await using var cluster = new SiloCluster(azurite, 3, Tier.Settings);
        await cluster.StartAsync();
        var target = new LoadTarget(TimeSpan.FromSeconds(300));
        await using var supervisor = new Supervisor(cluster, target);
        supervisor.Start();
        var load = new LoadGenerator(Seed, Workers, target);
        load.Start();
        var exits = new List<TimeSpan>();
        var codes = new SortedSet<int>();
        var answers = new List<int?>();
        while (exits.Count < Tier.Number("ROLLBOOK_T9_ZOMBIES", 5))
        {
            await load.MoreAsync(random.Next(Workers, 500));
            await supervisor.HoldAsync();
            var place = random.Next(cluster.Count);
            var zombie = cluster[place];
            var episode = await ProbedEpisode.BeginAsync(cluster, place, Steps);
            var log = await cluster.LogOfAsync(place);
            zombie.Signal(Signals.Stop);

            // Some of the load's workers wait at the zombie's door; this one goes to another.
            using var elsewhere = cluster[(place + 1) % cluster.Count].Client(TimeSpan.FromSeconds(300));
            await episode.AppendAsync(elsewhere, 1);
            Assert.NotEqual(log, (await cluster.Headers.ReadAsync(episode.Key, CancellationToken.None))!.Owner);
            var knocks = await episode.KnockAsync(zombie, Knocks);

            var woken = TimeProvider.System.GetTimestamp();
            zombie.Signal(Signals.Continue);
            codes.Add(await zombie.ExitAsync(10 * LongestExit));
            exits.Add(TimeProvider.System.GetElapsedTime(woken));
            answers.AddRange(await episode.CompareAsync(elsewhere, knocks));
            foreach (var knock in knocks) knock.Dispose();
            supervisor.GoOn();
        }

        await load.MoreAsync(10 * Workers);
        await load.StopAsync();
        await supervisor.HoldAsync();
        using var reader = cluster[0].Client(TimeSpan.FromSeconds(60));
        var report = await Checker.CheckAsync(reader, load.Journals);
        exits.Sort();
        Figures.Report("T9", string.Create(
            CultureInfo.InvariantCulture,
            $"{exits.Count} silos stopped until taken over: of {answers.Count} requests at their doors {answers.Count(status => status is not null)} were answered, {answers.Count(status => status == 200)} with 200, each recorded; gone after {exits[exits.Count / 2].TotalSeconds:0.0} s "
            + $"(median), {exits[^1].TotalSeconds:0.0} s (longest), exit codes {string.Join(", ", codes)}; {report.Steps} steps acknowledged under {Workers} workers, {report.Lost.Count} lost, {report.Wrong.Count} wrong"));
        report.AssertClean();
    }
}
