using Rollbook.Loggers;
using Rollbook.Testing;
using Xunit;

namespace Rollbook.Grains.Tests.Loggers;

/// <summary>What a worker's history shows of a lost episode that another worker resumed.</summary>
public sealed class ResumedElsewhereTests
{
    [Fact]
    public async Task Read_OfTheFirstWorker_ShowsTheEpisodeAsItIsNow()
    {
        using var directory = new TempDirectory();
        await using var silo = await RecorderHost.StartAsync(directory.Path);
        var started = await silo.Worker("a").Start(
            new StartEpisode { Project = EpisodeKey.DefaultProject, Worker = "a", Task = "t", VariantId = "v", BodyHash = 1 });
        var id = started.Record!.Key.Id;
        await silo.Episode(id).Append(new AppendSteps { From = 0, Steps = TestSteps.Range("s", 0, 2) });
        await silo.Episode(id).End(new EndEpisode { Status = EpisodeStatus.Lost });
        Assert.Equal((EpisodeStatus.Lost, 2L), Shown(await silo.Worker("a").Read()));

        var resumed = await silo.Worker("b").Resume(new ResumeEpisode { Project = EpisodeKey.DefaultProject, Worker = "b", EpisodeId = id });
        Assert.Equal(RollbookCode.Ok, resumed.Code);
        await silo.Episode(id).Append(new AppendSteps { From = 2, Steps = TestSteps.Range("s", 2, 1) });

        var view = await silo.Worker("a").Read();
        Assert.Equal((EpisodeStatus.Running, 3L), Shown(view));
        Assert.Null(view.Current);
        Assert.Equal(id, (await silo.Worker("b").Read()).Current!.Id);
        await silo.Episode(id).End(new EndEpisode { Status = EpisodeStatus.Completed, FinalScore = 0.5, NextOrdinal = 3 });
        Assert.Equal((EpisodeStatus.Completed, 3L), Shown(await silo.Worker("a").Read()));
        Assert.Equal((EpisodeStatus.Completed, 3L), Shown(await silo.Worker("b").Read()));
    }

    [Fact]
    public void Renew_OfNewsInAnyOrder_ComesToTheNewest()
    {
        var lost = new EpisodeSummary { Id = new EpisodeId(1), Task = "t", VariantId = "v", Status = EpisodeStatus.Lost, StepCount = 2 };
        EpisodeSummary[] news = [lost, lost with { StepCount = 4 }, lost with { StepCount = 4, Status = EpisodeStatus.Completed }, lost with { StepCount = 4, Status = EpisodeStatus.Completed, ScoreCount = 1 }];
        var random = new Random(1);
        for (var round = 0; round < 200; round++)
        {
            var order = news.ToArray();
            random.Shuffle(order);
            var state = new LoggerState { History = [new LoggerEnding { Summary = order[0] }] };

            foreach (var item in order[1..]) state = state.Renew(item);

            Assert.Equal(news[^1], Assert.Single(state.History).Summary);
            Assert.Same(state, state.Renew(news[random.Next(news.Length)]));
        }
    }

    private static (EpisodeStatus Status, long Steps) Shown(LoggerView view)
    {
        var only = Assert.Single(view.History);
        return (only.Status, only.StepCount);
    }
}
