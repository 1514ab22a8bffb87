using System.Globalization;
using Rollbook.Client;

namespace Rollbook.Crash.Tests;

/// <summary>T6: a disk without room. Appends are refused and say so, reads go on, and recording goes on by itself when there is room again.</summary>
public sealed class DiskFullTests
{
    private const int StepsAtOnce = 20;
    private static readonly Dictionary<string, string> SmallSegments = new() { ["Rollbook__StepLog__SegmentBytes"] = "4194304" };

    [Fact]
    public async Task Append_WhenTheDiskIsFull_IsRefusedUntilThereIsRoom()
    {
        await using var disk = await SmallDisk.MountAsync(mebibytes: 40, ballast: 16);
        await using var silo = await SiloProcess.StartAsync(disk.Data, SmallSegments);
        using var once = silo.Client();
        var journals = await StartAsync(once);
        var refusal = await FillAsync(once, journals);
        Assert.Equal(("busy", 429), (refusal.Code, refusal.Status));
        Assert.True(refusal.RetryAfter > TimeSpan.Zero, "A 429 must carry Retry-After.");
        foreach (var journal in journals.Concat(journals))
        {
            var again = await Assert.ThrowsAsync<RollbookException>(() => AppendAsync(once, journal));
            Assert.Equal("busy", again.Code);
        }

        var full = await Checker.CheckAsync(once, journals.Select(journal => (IReadOnlyList<EpisodeJournal>)[journal]));
        full.AssertClean();

        disk.MakeRoom();
        using var patient = silo.Client(TimeSpan.FromSeconds(60));
        foreach (var journal in journals) await AppendAsync(patient, journal);
        Assert.False(silo.HasExited);
        await silo.KillAsync();
        await using var next = await SiloProcess.StartAsync(disk.Data, SmallSegments);
        using var client = next.Client(TimeSpan.FromSeconds(60));
        var report = await Checker.CheckAsync(client, journals.Select(journal => (IReadOnlyList<EpisodeJournal>)[journal]));
        report.AssertClean();
        foreach (var journal in journals) await AppendAsync(client, journal);
        Figures.Report("T6", string.Create(
            CultureInfo.InvariantCulture,
            $"ENOSPC after {full.Steps} steps: 429 with Retry-After {refusal.RetryAfter!.Value.TotalSeconds:0.#} s, all readable, goes on without a restart, "
            + $"{report.Steps} steps after a kill, {report.Lost.Count} lost, {report.Wrong.Count} wrong"));
    }

    /// <summary>A limit below what is prepared already cuts writes in their middle: what the disk holds is unknown then, and the process ends.</summary>
    [Fact]
    public async Task Append_WhenTheFileSizeIsCut_EndsTheProcessAndLosesNothingAcknowledged()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "prlimit is a command of Linux.");
        using var directory = new TempDirectory();
        await using var silo = await SiloProcess.StartAsync(directory.Path, SmallSegments);
        using var once = silo.Client();
        var journals = await StartAsync(once);
        await ChildProcess.RunAsync("prlimit", "--pid", silo.Id.ToString(CultureInfo.InvariantCulture), "--fsize=1048576:");
        var failure = await FillAsync(once, journals);
        Assert.True(failure.Retry, $"The cut append was answered with {failure.Code}, which says that it was not recorded: it may have been.");
        var code = await silo.ExitAsync(TimeSpan.FromSeconds(10));
        Assert.Equal(74, code);

        await using var next = await SiloProcess.StartAsync(directory.Path, SmallSegments);
        using var client = next.Client(TimeSpan.FromSeconds(60));
        var report = await Checker.CheckAsync(client, journals.Select(journal => (IReadOnlyList<EpisodeJournal>)[journal]));
        report.AssertClean();
        foreach (var journal in journals) await AppendAsync(client, journal);
        Figures.Report("T6", $"RLIMIT_FSIZE: '{failure.Code}', exit code {code}, {report.Steps} steps acknowledged, {report.Lost.Count} lost, {report.Wrong.Count} wrong after the restart");
    }

    private static async Task<IReadOnlyList<EpisodeJournal>> StartAsync(RollbookHttpClient client)
    {
        var journals = new List<EpisodeJournal>();
        for (var worker = 0; worker < 4; worker++)
        {
            var journal = new EpisodeJournal(60, worker, 0);
            journal.Started = await client.StartAsync(journal.WorkerName, new EpisodeStart { Task = "full", VariantId = "disk" });
            journals.Add(journal);
        }

        return journals;
    }

    private static async Task<RollbookException> FillAsync(RollbookHttpClient client, IReadOnlyList<EpisodeJournal> journals)
    {
        // 64 MiB are more than any of these disks has.
        for (var i = 0; i < 64 * 1024 / StepsAtOnce; i++)
        {
            try
            {
                await AppendAsync(client, journals[i % journals.Count]);
            }
            catch (RollbookException refusal)
            {
                return refusal;
            }
        }

        throw new InvalidOperationException("The disk was never full.");
    }

    private static async Task AppendAsync(RollbookHttpClient client, EpisodeJournal journal)
    {
        var from = journal.Acknowledged;
        journal.Invoke(from, StepsAtOnce);
        var lines = StepContent.Lines(journal.Seed, journal.Worker, journal.Episode, from, StepsAtOnce);
        journal.Ok((await client.AppendAsync(journal.Started!.EpisodeId, from, lines)).NextOrdinal);
    }
}
