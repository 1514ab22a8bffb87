using System.Globalization;
using Rollbook.Client;

namespace Rollbook.Crash.Tests;

/// <summary>The start and the end of the process: how long they take.</summary>
public sealed class StopTests
{
    // A machine that is busy with other things gets ten times the promised time; the figure tells the time itself.
    private const int Patience = 10;

    [Fact]
    public async Task Start_WhenTheDirectoryIsNew_IsReadyInThreeSeconds()
    {
        var times = new List<double>();
        for (var i = 0; i < 3; i++)
        {
            using var directory = new TempDirectory();
            await using var silo = await SiloProcess.StartAsync(directory.Path);
            times.Add(silo.ReadyAfter.TotalSeconds);
        }

        Figures.Report("Start", string.Create(CultureInfo.InvariantCulture, $"ready on a new directory in {string.Join(", ", times.Select(time => $"{time:0.0}"))} s (promised: 3)"));
        Assert.All(times, time => Assert.True(time < 3 * Patience));
    }

    [Fact]
    public async Task Start_WhenTheLogHas256MiB_IsReadyInFiveSeconds()
    {
        const int Episodes = 64, StepsAtOnce = 500;
        using var directory = new TempDirectory();
        var journals = Enumerable.Range(0, Episodes).Select(worker => new EpisodeJournal(90, worker, 0)).ToList();
        var bytes = 0L;
        await using (var silo = await SiloProcess.StartAsync(directory.Path))
        {
            using var writer = silo.Client(TimeSpan.FromSeconds(60));
            await Parallel.ForEachAsync(journals, new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (journal, _) =>
            {
                journal.Started = await writer.StartAsync(journal.WorkerName, new EpisodeStart { Task = "large", VariantId = "log" }, cancellationToken: CancellationToken.None);
                for (var mine = 0L; mine < (256L << 20) / Episodes;)
                {
                    var lines = StepContent.Lines(90, journal.Worker, 0, journal.Acknowledged, StepsAtOnce);
                    journal.Invoke(journal.Acknowledged, StepsAtOnce);
                    journal.Ok((await writer.AppendAsync(journal.Started.EpisodeId, journal.Acknowledged, lines, null, CancellationToken.None)).NextOrdinal);
                    mine += lines.Length;
                    Interlocked.Add(ref bytes, lines.Length);
                }
            });
            await silo.KillAsync();
        }

        await using var next = await SiloProcess.StartAsync(directory.Path);
        using var client = next.Client(TimeSpan.FromSeconds(60));
        var report = await Checker.CheckAsync(client, journals.Select(journal => (IReadOnlyList<EpisodeJournal>)[journal]));
        Figures.Report("T1", string.Create(
            CultureInfo.InvariantCulture,
            $"ready again after a kill in {next.ReadyAfter.TotalSeconds:0.0} s with a log of {bytes >> 20} MiB ({report.Steps} steps, {report.Lost.Count} lost, {report.Wrong.Count} wrong)"));
        report.AssertClean();
        Assert.True(next.ReadyAfter.TotalSeconds < 5 * Patience, $"Ready after {next.ReadyAfter.TotalSeconds:0.0} s.");
    }

    [Fact]
    public async Task Stop_With50StreamsAnd1000OpenEpisodes_TakesLessThanTenSeconds()
    {
        using var directory = new TempDirectory();
        var journals = Enumerable.Range(0, 1000).Select(worker => new EpisodeJournal(91, worker, 0)).ToList();
        TimeSpan took;
        await using (var silo = await SiloProcess.StartAsync(directory.Path))
        {
            using var client = silo.Client();
            await Parallel.ForEachAsync(journals, new ParallelOptions { MaxDegreeOfParallelism = 32 }, async (journal, _) =>
            {
                journal.Started = await client.StartAsync(journal.WorkerName, new EpisodeStart { Task = "open", VariantId = "stop" }, cancellationToken: CancellationToken.None);
                journal.Invoke(0, 1);
                journal.Ok((await client.AppendAsync(journal.Started.EpisodeId, 0, journal.Step(0), null, CancellationToken.None)).NextOrdinal);
            });
            var streams = journals.Take(50).Select(journal => client.WatchAsync(journal.Started!.EpisodeId).GetAsyncEnumerator()).ToList();
            foreach (var stream in streams) Assert.True(await stream.MoveNextAsync());
            var watching = streams.ConvertAll(stream => stream.MoveNextAsync().AsTask());

            var begun = TimeProvider.System.GetTimestamp();
            silo.Signal(Signals.Terminate);
            var code = await silo.ExitAsync(TimeSpan.FromSeconds(10 * Patience));
            took = TimeProvider.System.GetElapsedTime(begun);
            Assert.Equal(0, code);
            // The streams end with the process, not with an ending that no episode had.
            foreach (var watch in watching) await Assert.ThrowsAsync<RollbookException>(() => watch);
            foreach (var stream in streams) await stream.DisposeAsync();
        }

        await using var next = await SiloProcess.StartAsync(directory.Path);
        using var reader = next.Client(TimeSpan.FromSeconds(60));
        (await Checker.CheckAsync(reader, journals.Select(journal => (IReadOnlyList<EpisodeJournal>)[journal]))).AssertClean();
        Figures.Report("Stop", string.Create(
            CultureInfo.InvariantCulture,
            $"SIGTERM with 50 live streams and 1,000 open episodes: ended in {took.TotalSeconds:0.0} s (promised: 10); all open and whole after the restart, ready in {next.ReadyAfter.TotalSeconds:0.0} s"));
    }
}
