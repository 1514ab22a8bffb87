using System.Globalization;
using Rollbook.Client;

namespace Rollbook.Crash.Tests;

/// <summary>T7: the disk fails once and would then pretend that nothing was. The process must not believe it.</summary>
public sealed class DiskErrorTests
{
    private static readonly TimeSpan LongestEnd = TimeSpan.FromSeconds(10);

    [Theory]
    [InlineData("fsync,fdatasync", "EIO", 1)]
    [InlineData("fsync,fdatasync", "EIO", 3)]
    [InlineData("pwrite64", "EIO", 2)]
    [InlineData("pwrite64", "EAGAIN", 2)]
    public async Task Append_WhenACallFailsOnce_EndsTheProcessAndLosesNothingAcknowledged(string calls, string error, int at)
    {
        await Tracer.NeedAsync();
        using var directory = new TempDirectory();
        await using var silo = await SiloProcess.StartAsync(directory.Path);
        using var client = silo.Client();
        var worker = await Lockstep.StartAsync(client, 73);
        await worker.AppendAsync(20);
        await using var tracer = await Tracer.AttachAsync(silo, directory.Path, calls, $"error={error}:when={at}");
        var failure = await worker.AppendUntilFailureAsync(2000);
        var code = await silo.ExitAsync(LongestEnd);

        var traced = await tracer.CallsAsync();
        var failed = traced.First(call => call.Injected);
        var end = await tracer.ExitedAtAsync() - failed.End;
        var good = traced.TakeWhile(call => !call.Injected).Count(call => call.Result >= 0);
        Assert.True(failure.Retry, $"The failed append was answered with {failure.Code}, which says that it was not recorded: it may have been.");
        Assert.NotEqual(0, code);
        Assert.True(code < 128, $"The process was ended by signal {code - 128}.");
        // Each acknowledged step of this one worker is a chunk of its own.
        Assert.True(worker.Steps.Count - 20 <= good, $"{worker.Steps.Count - 20} steps acknowledged, but only {good} calls succeeded before the failure.");
        Assert.DoesNotContain(traced.SkipWhile(call => !call.Injected).Skip(1), call => call.Name == failed.Name);

        await using var next = await SiloProcess.StartAsync(directory.Path);
        await FlushTests.CheckAsync(next, worker);
        Figures.Report("T7", string.Create(
            CultureInfo.InvariantCulture,
            $"{error} once at call {at} of {calls}: '{failure.Code}', exit code {code} after {end:0.00} s, {worker.Steps.Count} acknowledged steps recovered"));
    }

    [Fact]
    public async Task Load_WhenAFlushFailsOnce_LosesNothingAcknowledged()
    {
        await Tracer.NeedAsync();
        using var directory = new TempDirectory();
        var target = new LoadTarget();
        var load = new LoadGenerator(74, 16, target);
        load.Start();
        await using (var silo = await SiloProcess.StartAsync(directory.Path))
        {
            target.Up(silo);
            await load.MoreAsync(200);
            await using var tracer = await Tracer.AttachAsync(silo, directory.Path, "fsync,fdatasync", "error=EIO:when=5");
            Assert.NotEqual(0, await silo.ExitAsync(TimeSpan.FromSeconds(60)));
            Assert.Contains(await tracer.CallsAsync(), call => call.Injected);
            await target.DownAsync(silo);
        }

        await using var next = await SiloProcess.StartAsync(directory.Path);
        target.Up(next);
        await load.MoreAsync(200);
        await load.StopAsync();
        using var client = next.Client(TimeSpan.FromSeconds(30));
        var report = await Checker.CheckAsync(client, load.Journals);
        report.AssertClean();
        Figures.Report("T7", $"EIO under 16 workers: {report.Steps} steps acknowledged, {report.Lost.Count} lost, {report.Wrong.Count} wrong after the restart");
    }
}
