using System.Globalization;

namespace Rollbook.Crash.Tests;

/// <summary>T1: SIGKILL at random moments of a load of 64 workers, again and again on the same data, which is packed and compacted meanwhile.</summary>
public sealed class KillUnderLoadTests
{
    private const int Workers = 64;

    private static int Kills =>
        Environment.GetEnvironmentVariable("ROLLBOOK_T1_KILLS") is { Length: > 0 } kills ? int.Parse(kills, CultureInfo.InvariantCulture) : 30;

    [Fact]
    public async Task Kill_UnderLoad_LosesNothingAcknowledged()
    {
        const int Seed = 1;
        var random = new Random(Seed);
        using var directory = new TempDirectory();
        var target = new LoadTarget();
        var load = new LoadGenerator(Seed, Workers, target);
        var ready = new List<TimeSpan>();
        load.Start();
        for (var kill = 0; kill < Kills; kill++)
        {
            await using var silo = await SiloProcess.StartAsync(directory.Path, ArchiveSettings.Hurried);
            ready.Add(silo.ReadyAfter);
            target.Up(silo);
            // From the first rush of retried requests to some seconds of load.
            await load.MoreAsync(random.Next(4) == 0 ? random.Next(1, 64) : random.Next(64, 2000));
            await silo.KillAsync();
            await target.DownAsync(silo);
        }

        await using var last = await SiloProcess.StartAsync(directory.Path, ArchiveSettings.Hurried);
        ready.Add(last.ReadyAfter);
        target.Up(last);
        await load.MoreAsync(Workers);
        await load.StopAsync();
        using var client = last.Client(TimeSpan.FromSeconds(30));
        var report = await Checker.CheckAsync(client, load.Journals);

        ready.Sort();
        Figures.Report("T1", string.Create(
            CultureInfo.InvariantCulture,
            $"{Kills} kills under {Workers} workers: {report.Steps} steps of {report.Episodes} episodes acknowledged, {report.Lost.Count} lost, {report.Wrong.Count} wrong "
            + $"({SharedAppends.Shared} appends in requests shared by several episodes; {report.Unknown} recorded of unknown outcome); ready again in {ready[ready.Count / 2].TotalSeconds:0.0} s (median), {ready[^1].TotalSeconds:0.0} s (longest)"));
        report.AssertClean();
        Assert.True(SharedAppends.Shared > 0, "No request had steps of more than one episode.");
    }
}
