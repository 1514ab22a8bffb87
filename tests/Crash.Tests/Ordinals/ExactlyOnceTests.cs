using System.Globalization;
using Rollbook.Client;

namespace Rollbook.Crash.Tests;

/// <summary>T14 and T15: what clients and networks do to a request, and ordinals that can't be.</summary>
public sealed class ExactlyOnceTests
{
    [Fact]
    public async Task Append_WhenClientsAndNetworkMisbehave_StoresEachStepOnce()
    {
        using var directory = new TempDirectory();
        await using var silo = await SiloProcess.StartAsync(directory.Path);
        using var client = silo.Client();
        var journals = new List<EpisodeJournal>
        {
            await RepeatAsync(client),
            await ReorderAsync(client),
            await LoseAnswersAsync(silo, client),
            await RaceAsync(client),
            await ConflictAsync(client),
        };
        // The same must hold for what was recovered.
        await silo.KillAsync();
        await using var next = await SiloProcess.StartAsync(directory.Path);
        using var reader = next.Client(TimeSpan.FromSeconds(30));
        var report = await Checker.CheckAsync(reader, journals.Select(journal => (IReadOnlyList<EpisodeJournal>)[journal]));
        report.AssertClean();
        Assert.Equal(0, report.Unknown);
        await RefusesAfterRestartAsync(reader, journals[^1]);
        Figures.Report("T14", $"repeats, reordering, lost answers, 8 writers at one ordinal, conflicts: {report.Steps} steps stored, each once, also after a kill");
    }

    [Fact]
    public async Task Append_WhenOrdinalsCannotBe_IsRefusedWithoutMemory()
    {
        using var directory = new TempDirectory();
        await using var silo = await SiloProcess.StartAsync(directory.Path);
        using var client = silo.Client();
        var journal = await StartAsync(client, 5);
        await AppendAsync(client, journal, 0, 3);
        var before = Resident(silo.Id);
        long[] gaps = [4, 1000, int.MaxValue, 1L << 32, long.MaxValue - 1, long.MaxValue];
        var refused = 0;
        for (var i = 0; i < 200; i++)
        {
            foreach (var from in gaps)
            {
                var refusal = await Assert.ThrowsAsync<RollbookException>(() => client.AppendAsync(journal.Started!.EpisodeId, from, journal.Step(0)));
                Assert.Equal((409, "ordinal_gap", 3L), (refusal.Status, refusal.Code, refusal.Expected ?? -1));
                refused++;
            }
        }

        var grown = Resident(silo.Id) - before;
        using var http = new HttpClient { BaseAddress = silo.Address };
        foreach (var from in (string[])["-1", "9223372036854775808", "1e3", "", "0x1"])
        {
            using var reply = await http.PostAsync(
                new Uri($"v1/episodes/{journal.Started!.EpisodeId}/steps?from={from}", UriKind.Relative), new ByteArrayContent(journal.Step(3)));
            Assert.Equal(400, (int)reply.StatusCode);
        }

        Assert.True(grown < 64 << 20, $"{refused} refused appends took {grown >> 20} MiB.");
        (await Checker.CheckAsync(client, [[journal]])).AssertClean();
        Figures.Report("T15", string.Create(
            CultureInfo.InvariantCulture, $"{refused} appends past the end, up to ordinal 2^63-1: all 409 ordinal_gap, memory {grown / 1048576.0:+0.0;-0.0} MiB"));
    }

    private static async Task<EpisodeJournal> StartAsync(RollbookHttpClient client, int worker)
    {
        var journal = new EpisodeJournal(14, worker, 0);
        journal.Started = await client.StartAsync(journal.WorkerName, new EpisodeStart { Task = "once", VariantId = "http" });
        return journal;
    }

    private static async Task<AppendedSteps> AppendAsync(RollbookHttpClient client, EpisodeJournal journal, long from, int count)
    {
        journal.Invoke(from, count);
        var lines = StepContent.Lines(journal.Seed, journal.Worker, journal.Episode, from, count);
        var reply = await client.AppendAsync(journal.Started!.EpisodeId, from, lines);
        journal.Ok(reply.NextOrdinal);
        return reply;
    }

    private static async Task<EpisodeJournal> RepeatAsync(RollbookHttpClient client)
    {
        var journal = await StartAsync(client, 0);
        Assert.Equal(new AppendedSteps(1, 0), await AppendAsync(client, journal, 0, 1));
        Assert.Equal(new AppendedSteps(1, 1), await AppendAsync(client, journal, 0, 1));
        // A batch that overlaps what is there.
        Assert.Equal(new AppendedSteps(5, 1), await AppendAsync(client, journal, 0, 5));
        Assert.Equal(new AppendedSteps(8, 2), await AppendAsync(client, journal, 3, 5));
        // A repeat behind the 256 hashes that a grain keeps.
        await AppendAsync(client, journal, 8, 400);
        Assert.Equal(new AppendedSteps(2, 2), await AppendAsync(client, journal, 0, 2));
        return journal;
    }

    private static async Task<EpisodeJournal> ReorderAsync(RollbookHttpClient client)
    {
        var journal = await StartAsync(client, 1);
        var early = await Assert.ThrowsAsync<RollbookException>(() => client.AppendAsync(journal.Started!.EpisodeId, 1, journal.Step(1)));
        Assert.Equal(("ordinal_gap", 0L), (early.Code, early.Expected ?? -1));
        await AppendAsync(client, journal, 0, 1);
        await AppendAsync(client, journal, 1, 1);
        return journal;
    }

    private static async Task<EpisodeJournal> LoseAnswersAsync(SiloProcess silo, RollbookHttpClient direct)
    {
        await using var proxy = new LossyProxy(silo.Address);
        using var client = new RollbookHttpClient(new RollbookHttpOptions
        {
            BaseAddress = proxy.Address, GiveUpAfter = TimeSpan.FromSeconds(30), FirstDelay = TimeSpan.FromMilliseconds(1), JitterSeed = 1,
        });
        proxy.Lose(1);
        var journal = await StartAsync(client, 2);
        Assert.Equal(1, proxy.Lost);
        var worker = await direct.GetWorkerAsync(journal.WorkerName);
        Assert.Equal((journal.Started!.EpisodeId, 0), (worker.Current?.EpisodeId, worker.History.Count));
        for (var ordinal = 0; ordinal < 20; ordinal++)
        {
            proxy.Lose(ordinal % 3);
            Assert.Equal(new AppendedSteps(ordinal + 1, ordinal % 3 == 0 ? 0 : 1), await AppendAsync(client, journal, ordinal, 1));
        }

        proxy.Lose(1);
        journal.InvokeEnd(0.5);
        var ended = await client.EndAsync(journal.Started.EpisodeId, new EpisodeEnd { NextOrdinal = 20, FinalScore = 0.5, EndCause = "submitted" });
        Assert.Equal(("completed", 20L), (ended.Status, ended.NextOrdinal));
        journal.OkEnd();
        Assert.Equal(1 + 19 + 1, proxy.Lost);
        return journal;
    }

    private static async Task<EpisodeJournal> RaceAsync(RollbookHttpClient client)
    {
        var journal = await StartAsync(client, 3);
        for (var ordinal = 0; ordinal < 50; ordinal++)
        {
            var at = ordinal;
            var replies = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => AppendAsync(client, journal, at, 1)));
            Assert.Equal(7, replies.Sum(reply => reply.Duplicates));
        }

        return journal;
    }

    /// <summary>Eight different steps for one ordinal: one is stored, the others are told so.</summary>
    private static async Task<EpisodeJournal> ConflictAsync(RollbookHttpClient client)
    {
        var journal = await StartAsync(client, 4);
        await AppendAsync(client, journal, 0, 1);
        for (var ordinal = 1; ordinal < 20; ordinal++)
        {
            var at = ordinal;
            await AppendAsync(client, journal, at, 1);
            var others = await Task.WhenAll(Enumerable.Range(100, 8).Select(other => CodeOfAsync(client, journal, at, StepContent.Json(14, other, 0, at))));
            Assert.All(others, code => Assert.Equal("ordinal_conflict", code));
        }

        // All eight at a free ordinal: exactly one wins.
        var free = await StartAsync(client, 6);
        var codes = await Task.WhenAll(Enumerable.Range(100, 8).Select(other => CodeOfAsync(client, free, 0, StepContent.Json(14, other, 0, 0))));
        Assert.Equal(1, codes.Count(code => code is null));
        Assert.Equal(7, codes.Count(code => code == "ordinal_conflict"));
        Assert.Equal(1, (await client.GetEpisodeAsync(free.Started!.EpisodeId)).NextOrdinal);
        return journal;
    }

    private static async Task RefusesAfterRestartAsync(RollbookHttpClient client, EpisodeJournal journal)
    {
        Assert.Equal("ordinal_conflict", await CodeOfAsync(client, journal, 7, StepContent.Json(14, 100, 0, 7)));
        Assert.Equal(new AppendedSteps(8, 1), await AppendAsync(client, journal, 7, 1));
    }

    private static async Task<string?> CodeOfAsync(RollbookHttpClient client, EpisodeJournal journal, long from, byte[] step)
    {
        try
        {
            await client.AppendAsync(journal.Started!.EpisodeId, from, step);
            return null;
        }
        catch (RollbookException refusal)
        {
            return refusal.Code;
        }
    }

    private static long Resident(int process)
    {
        using var observed = System.Diagnostics.Process.GetProcessById(process);
        return observed.WorkingSet64;
    }
}
