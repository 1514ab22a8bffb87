using System.Globalization;
using Rollbook.Client;

namespace Rollbook.Crash.Tests;

/// <summary>T8, and that fsync is really called: what the kernel saw between a step and its acknowledgement.</summary>
public sealed class FlushTests
{
    private const string Flushes = "fsync,fdatasync";

    [Fact]
    public async Task Append_WhenAcknowledged_WasFlushedBefore()
    {
        await Tracer.NeedAsync();
        using var directory = new TempDirectory();
        await using var silo = await SiloProcess.StartAsync(directory.Path);
        using var client = silo.Client();
        var worker = await Lockstep.StartAsync(client, 70);
        await using var tracer = await Tracer.AttachAsync(silo, directory.Path, Flushes);
        await worker.AppendAsync(100);
        await silo.KillAsync();

        var calls = await tracer.CallsAsync();
        Figures.Report("T7", $"fsync is really called: {calls.Count} flushes of the log seen for 100 acknowledged steps in lockstep, each step's within its request");
        worker.AssertFlushed(calls);
    }

    [Fact]
    public async Task Append_WhenTheDiskTakesFiveSeconds_IsNotAcknowledgedOrReadBefore()
    {
        await Tracer.NeedAsync();
        using var directory = new TempDirectory();
        await using var silo = await SiloProcess.StartAsync(directory.Path);
        using var client = silo.Client();
        var worker = await Lockstep.StartAsync(client, 71);
        await worker.AppendAsync(10);
        await using var tracer = await Tracer.AttachAsync(silo, directory.Path, Flushes, "delay_enter=5000000:when=1");
        var begun = TimeProvider.System.GetTimestamp();
        var append = worker.AppendAsync();
        var reads = new List<(double At, long Steps)>();
        while (!append.IsCompleted)
        {
            var steps = await client.ReadStepsAsync(worker.Journal.Started!.EpisodeId).CountAsync();
            reads.Add((Lockstep.Now(), steps));
        }

        await append;
        var took = TimeProvider.System.GetElapsedTime(begun);
        await silo.KillAsync();
        var calls = await tracer.CallsAsync();
        worker.AssertFlushed(calls, from: 10);
        var flushed = calls.First(call => call.Result == 0).End;
        Assert.True(took >= TimeSpan.FromSeconds(5), $"Acknowledged after {took.TotalSeconds:0.00} s, the flush takes 5 s.");
        Assert.All(reads.Where(read => read.At < flushed), read => Assert.Equal(10, read.Steps));
        Figures.Report("T8", string.Create(
            CultureInfo.InvariantCulture,
            $"a flush of 5 s: acknowledged after {took.TotalSeconds:0.0} s, {reads.Count(read => read.At < flushed)} reads meanwhile without the step"));
    }

    [Theory]
    [InlineData(Flushes)]
    [InlineData("pwrite64")]
    public async Task Append_WhenACallIsInterrupted_IsAcknowledgedAfterItsRepeat(string calls)
    {
        await Tracer.NeedAsync();
        using var directory = new TempDirectory();
        await using var silo = await SiloProcess.StartAsync(directory.Path);
        using var client = silo.Client();
        var worker = await Lockstep.StartAsync(client, 72);
        await using var tracer = await Tracer.AttachAsync(silo, directory.Path, calls, "error=EINTR:when=1");
        await worker.AppendAsync(20);
        await silo.KillAsync();

        var traced = await tracer.CallsAsync();
        Assert.Contains(traced, call => call.Injected);
        if (calls == Flushes) worker.AssertFlushed(traced);
        await using var next = await SiloProcess.StartAsync(directory.Path);
        await CheckAsync(next, worker);
        Figures.Report("T8", $"{traced.Count(call => call.Injected)} EINTR of {calls}: {worker.Steps.Count} of 20 steps acknowledged, all there after a kill");
    }

    internal static async Task CheckAsync(SiloProcess silo, Lockstep worker)
    {
        using var client = silo.Client(TimeSpan.FromSeconds(30));
        var report = await Checker.CheckAsync(client, [[worker.Journal]]);
        report.AssertClean();
    }
}
