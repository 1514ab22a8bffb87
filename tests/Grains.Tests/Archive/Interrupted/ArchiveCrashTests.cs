using System.Globalization;
using Rollbook.Grains.Tests.Episodes;
using Rollbook.Testing;
using Xunit;

namespace Rollbook.Grains.Tests.Archive.Interrupted;

/// <summary>T17 and T18: packing, freeing and compacting may end at each of their calls, and two silos may do it at once.</summary>
public sealed class ArchiveCrashTests
{
    private static int Seeds => Number("ROLLBOOK_ARCHIVE_SEEDS", 100);

    // Of all calls each n-th: 1 walks through all of them.
    private static int Stride => Number("ROLLBOOK_ARCHIVE_STRIDE", 1);

    [Theory]
    [InlineData(CallFault.FailBefore)]
    [InlineData(CallFault.FailAfter)]
    [InlineData(CallFault.KillBefore)]
    [InlineData(CallFault.KillAfter)]
    public async Task Run_WhenOneCallFails_LosesAndDoublesNothing(CallFault fault)
    {
        var (runs, steps, files) = (0, 0L, 0L);
        for (var at = 0; ; at += Stride)
        {
            var (met, check) = await RunAsync(new CallSchedule(at, fault), at);
            if (!met) break;
            runs++;
            steps += check!.Steps;
            files += check.Files;
        }

        Assert.True(runs * Stride > 100, $"only {runs} calls were made");
        Figures.Report("T17", string.Create(
            CultureInfo.InvariantCulture,
            $"{fault} at each of {runs * Stride} calls of packing, freeing, compacting and recovery{(Stride > 1 ? $" (each {Stride}th)" : "")}: {steps} steps read back, {files} files re-hashed, 0 lost, 0 double, 0 files left behind"));
    }

    [Fact]
    public async Task Rounds_OfTwoSilosAtOnce_InAnyOrder_KeepEachEpisodeOnce()
    {
        var (turns, steps, files) = (0L, 0L, 0L);
        for (var seed = 0; seed < Seeds; seed++)
        {
            var order = new CallTurns(seed);
            try
            {
                var check = await RaceAsync(order, seed);
                turns += order.Turns;
                steps += check.Steps;
                files += check.Files;
            }
            catch (Exception failure)
            {
                throw new InvalidOperationException($"seed {seed}: {failure.Message}", failure);
            }
        }

        Figures.Report("T18", string.Create(
            CultureInfo.InvariantCulture,
            $"two silos pack, free, compact and score at once in {Seeds} seeded orders ({turns} interleaved calls): {steps} steps read back, {files} files re-hashed, each episode and step once"));
    }

    private static async Task<(bool Met, ArchiveCheck? Check)> RunAsync(CallSchedule schedule, int at)
    {
        var bench = new RecorderBench(segmentBytes: 16 << 10);
        var script = new ArchiveScript(bench);
        try
        {
            await script.LeaveDeadLogAsync();
            BenchSilo? silo = null;
            try
            {
                silo = await bench.StartAsync(schedule);
            }
            catch (IOException)
            {
                // It never came up.
            }

            if (silo is not null)
            {
                await script.RunAsync(silo, () => schedule.IsKilled);
                bench.Kill(silo);
            }

            if (schedule.Met is null) return (false, null);
            var next = await bench.StartAsync();
            await bench.RecoverAsync(next).WaitAsync(RecorderBench.Patience);
            var check = new ArchiveCheck(bench, next, script.Episodes);
            await check.SettleAsync().WaitAsync(RecorderBench.Patience);
            await check.RunAsync();
            return (true, check);
        }
        catch (Exception failure)
        {
            throw new InvalidOperationException($"call {at}, {schedule.Met}: {failure.Message}", failure);
        }
    }

    private static async Task<ArchiveCheck> RaceAsync(CallTurns order, int seed)
    {
        var bench = new RecorderBench(segmentBytes: 16 << 10);
        var script = new ArchiveScript(bench);
        await script.LeaveDeadLogAsync();
        BenchSilo[] silos = [await bench.StartAsync(order), await bench.StartAsync(order)];
        await bench.RecoverAsync(silos[0]);
        foreach (var silo in silos) await script.RecordAsync(silo);
        await order.RunAsync([.. silos.Select((silo, i) => (Func<Task>)(() => script.ArchiveAsync(silo, new Random((seed * 2) + i))))]).WaitAsync(RecorderBench.Patience);
        foreach (var silo in silos) bench.Kill(silo);
        var next = await bench.StartAsync();
        await bench.RecoverAsync(next).WaitAsync(RecorderBench.Patience);
        var check = new ArchiveCheck(bench, next, script.Episodes);
        await check.SettleAsync().WaitAsync(RecorderBench.Patience);
        await check.RunAsync();
        return check;
    }

    private static int Number(string variable, int otherwise) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;
}
