using Microsoft.Extensions.DependencyInjection;
using Rollbook.StepLog;
using Rollbook.Testing;
using Xunit;

namespace Rollbook.Grains.Tests.Hosting;

public sealed class RecorderHostTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task Steps_AfterAcknowledgement_AreReadBackAcrossARestart()
    {
        using var directory = new TempDirectory();
        EpisodeId id;
        await using (var silo = await RecorderHost.StartAsync(directory.Path))
        {
            var start = await silo.Worker("w").Start(Start("w"));
            Assert.Equal(RollbookCode.Ok, start.Code);
            id = start.Record!.Key.Id;
            for (var i = 0; i < 20; i++)
            {
                var ack = await silo.Episode(id).Append(new AppendSteps { From = i, Steps = TestSteps.Range("a", i, 1) });
                Assert.Equal(new AppendReply(RollbookCode.Ok, i + 1, 0), ack);
            }

            var again = await silo.Episode(id).Append(new AppendSteps { From = 10, Steps = TestSteps.Range("a", 10, 12) });
            Assert.Equal(new AppendReply(RollbookCode.Ok, 22, 10), again);
            var conflict = await silo.Episode(id).Append(new AppendSteps { From = 3, Steps = TestSteps.Range("b", 3, 1) });
            Assert.Equal(new AppendReply(RollbookCode.OrdinalConflict, 3, 0), conflict);
            var gap = await silo.Episode(id).Append(new AppendSteps { From = 30, Steps = TestSteps.Range("a", 30, 1) });
            Assert.Equal(new AppendReply(RollbookCode.OrdinalGap, 22, 0), gap);
        }

        await using (var silo = await RecorderHost.StartAsync(directory.Path))
        {
            var page = await silo.Episode(id).ReadSteps(0, 100, TimeSpan.Zero);
            Assert.Equal(RollbookCode.Ok, page.Code);
            Assert.Equal(TestSteps.Lines(TestSteps.Range("a", 0, 22)), TestSteps.Lines(page.Steps));
            var end = await silo.Episode(id).End(new EndEpisode { Status = EpisodeStatus.Completed, FinalScore = 0.75, NextOrdinal = 22 });
            Assert.Equal(RollbookCode.Ok, end.Code);
        }

        await using (var silo = await RecorderHost.StartAsync(directory.Path))
        {
            var view = await silo.Episode(id).Read();
            Assert.Equal(EpisodeStatus.Completed, view.Record!.Status);
            Assert.Equal(0.75, view.Record.FinalScore);
            Assert.Equal(22, view.Record.StepCount);
            var late = await silo.Episode(id).Append(new AppendSteps { From = 22, Steps = TestSteps.Range("a", 22, 1) });
            Assert.Equal(RollbookCode.EpisodeEnded, late.Code);
            var repeat = await silo.Episode(id).Append(new AppendSteps { From = 2, Steps = TestSteps.Range("a", 2, 3) });
            Assert.Equal(new AppendReply(RollbookCode.Ok, 5, 3), repeat);
            var worker = await silo.Worker("w").Read();
            Assert.Null(worker.Current);
            Assert.Equal(id, Assert.Single(worker.History).Id);
        }
    }

    [Fact]
    public async Task Deadline_WhenItsEpisodeIsSilent_EndsItAsLostAndTheSiloGoesOn()
    {
        using var directory = new TempDirectory();
        await using var silo = await RecorderHost.StartAsync(directory.Path);
        var start = await silo.Worker("w").Start(Start("w") with { DeadlineSeconds = 1 });
        var episode = silo.Episode(start.Record!.Key.Id);
        // Comes when there is a step or an ending.
        for (var tries = 0; tries < 6 && !(await episode.ReadSteps(0, 1, TimeSpan.FromSeconds(10))).Ended; tries++)
        {
        }

        Assert.Equal(EpisodeStatus.Lost, (await episode.Read()).Record!.Status);
        Assert.Equal(RollbookCode.Ok, (await silo.Worker("v").Start(Start("v"))).Code);
    }

    [Fact]
    public async Task Start_WithADeadLogThatCannotBeFenced_ServesAllOthers()
    {
        using var directory = new TempDirectory();
        var unreadable = new LogId(1);
        EpisodeId id;
        await using (var silo = await RecorderHost.StartAsync(directory.Path))
        {
            id = (await silo.Worker("w").Start(Start("w"))).Record!.Key.Id;
            await silo.Episode(id).Append(new AppendSteps { From = 0, Steps = TestSteps.Range("a", 0, 3) });
            // Listed before the log of this silo; where its files must be is something else.
            await File.WriteAllTextAsync(Path.Combine(directory.Path, "wal", unreadable.ToString()), "no directory", None);
            var row = new LogRow { Log = unreadable, Address = "test", Generation = 1, BootId = "b", ProcessId = 1, CreatedAt = 0 };
            Assert.True(await silo.Services.GetRequiredService<ILogRegistry>().InsertAsync(row, None));
        }

        await using (var silo = await RecorderHost.StartAsync(directory.Path))
        {
            Assert.Equal(new AppendReply(RollbookCode.Ok, 5, 0), await silo.Episode(id).Append(new AppendSteps { From = 3, Steps = TestSteps.Range("a", 3, 2) }));
            var row = await silo.Services.GetRequiredService<ILogRegistry>().ReadAsync(unreadable, None);
            Assert.Equal(LogState.Fencing, row!.State);
        }
    }

    private static StartEpisode Start(string worker) =>
        new() { Project = EpisodeKey.DefaultProject, Worker = worker, Task = "t", VariantId = "v", BodyHash = 1 };
}
