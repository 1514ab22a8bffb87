using Rollbook.Testing;
using Xunit;

namespace Rollbook.Grains.Tests.StepLog.Local;

/// <summary>T3: a power cut between any two calls to the file system loses nothing that was acknowledged.</summary>
public sealed class LocalCrashTests
{
    /// <summary>Random subsets of the writes that were not flushed; the whole tier is 10,000.</summary>
    private static readonly int Subsets =
        int.TryParse(Environment.GetEnvironmentVariable("ROLLBOOK_T3_SUBSETS"), out var subsets) ? subsets : 10_000;

    [Fact]
    public async Task Recovery_AfterACrashAtEveryCall_GivesTheAcknowledgedPrefix()
    {
        var script = await CrashScript.RunAsync(new SimulatedDisk(), 1);
        var calls = script.Disk.Trace.Count;
        var crashes = 0;
        for (var call = 0; call <= calls; call++)
        {
            Crash[] kinds = [Crash.KeepingAll, Crash.DroppingAll, new(512, new Random(call), false), new(4096, new Random(call), false)];
            foreach (var kind in kinds)
            {
                await CrashTwiceAsync(script, kind, call, new Random(1_000_000 + call));
                crashes += 2;
            }
        }

        var random = new Random(7);
        for (var i = 0; i < Subsets; i++)
        {
            await CrashTwiceAsync(script, new Crash(i % 2 == 0 ? 512 : 4096, random, false), random.Next(calls + 1), random);
            crashes += 2;
        }

        Assert.True(calls >= 200, $"the script made {calls} calls");
        Figures.Report("T3", $"{crashes} crashes over {calls} calls of a script ({Subsets} random subsets, torn at 512 B and 4 KiB): 0 acknowledged chunks lost");
    }

    [Fact]
    public async Task Recovery_WhenFlushesDoNothing_IsSeenToLose()
    {
        var script = await CrashScript.RunAsync(new SimulatedDisk(), 1);
        var lying = script.Disk.Trace.Where(operation => operation is not DiskOperation.Flush).ToList();
        var (_, wrong) = await script.RecoverAsync(Crash.DroppingAll.After(script.Disk, lying, lying.Count), script.Disk.Trace.Count);
        Assert.NotNull(wrong);
    }

    [Fact]
    public async Task Recovery_WhenDirectoryFlushesDoNothing_IsSeenToLose()
    {
        var script = await CrashScript.RunAsync(new SimulatedDisk(), 1);
        var lying = script.Disk.Trace.Where(operation => operation is not DiskOperation.FlushDirectory).ToList();
        var (_, wrong) = await script.RecoverAsync(Crash.DroppingAll.After(script.Disk, lying, lying.Count), script.Disk.Trace.Count);
        Assert.NotNull(wrong);
    }

    /// <summary>Crash, recover, write a new log, crash at some call of that, recover again: the first ends stand, and the new log is whole.</summary>
    private static async Task CrashTwiceAsync(CrashScript script, Crash crash, int call, Random random)
    {
        var disk = crash.After(script.Disk, call);
        var (ends, wrong) = await script.RecoverAsync(disk, call);
        Assert.True(wrong is null, $"after call {call} of {crash}: {wrong}");

        var recovered = disk.Trace.Count;
        var next = new CrashScript(disk);
        var feed = next.Begin(random);
        for (var i = 0; i < 4; i++) await next.AppendAsync(feed, random);
        var again = recovered + random.Next(disk.Trace.Count - recovered + 1);
        var second = crash.After(disk, again);
        (_, wrong) = await next.RecoverAsync(second, again);
        Assert.True(wrong is null, $"after call {call} and then {again} of {crash}: {wrong}");
        var (endsAgain, wrongAgain) = await script.RecoverAsync(second, call);
        Assert.True(wrongAgain is null, $"after call {call} and then {again} of {crash}: {wrongAgain}");
        Assert.Equal(ends.Select(end => (end.Key, end.Value.Fence)), endsAgain.Select(end => (end.Key, end.Value.Fence)));
    }
}
