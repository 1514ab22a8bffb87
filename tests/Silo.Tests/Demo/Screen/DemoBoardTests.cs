using Microsoft.Extensions.Time.Testing;
using Rollbook.Silo.Demo;
using Xunit;

namespace Rollbook.Silo.Tests.Demo;

public sealed class DemoBoardTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Read_WhenAcksVary_GivesTheirQuantilesAndTheRate()
    {
        var board = new DemoBoard(_time, exit: null);
        Assert.Null(board.Read().AckMilliseconds);
        for (var i = 100; i >= 1; i--)
            board.Acknowledged(TimeSpan.FromMilliseconds(i));
        _time.Advance(TimeSpan.FromSeconds(2));
        var view = board.Read();
        Assert.Equal((50, 99), view.AckMilliseconds);
        Assert.Equal(50, view.StepsPerSecond);
        _time.Advance(TimeSpan.FromSeconds(4));
        Assert.Equal((0, 100), (board.Read().StepsPerSecond, board.Read().Steps));
    }

    [Fact]
    public void Read_WhenAcksAreMany_ForgetsTheOldest()
    {
        var board = new DemoBoard(_time, exit: null);
        for (var i = 0; i < 3_000; i++)
            board.Acknowledged(TimeSpan.FromMilliseconds(i < 900 ? 1_000 : 2));
        Assert.Equal((2, 2), board.Read().AckMilliseconds);
    }

    [Fact]
    public void Read_WhenEpisodesEnd_CountsStatusesAndScoresOfTheTask()
    {
        var board = new DemoBoard(_time, exit: null);
        for (var i = 0; i < 5; i++)
            board.Started();
        board.EndedAs(Ended(0, 0, "completed", 1));
        board.EndedAs(Ended(0, 1, "completed", 0.5));
        board.EndedAs(Ended(0, 2, "superseded", null));
        board.EndedAs(Ended(1, 0, "lost", null));
        var view = board.Read();
        Assert.Equal((1, 4), (view.Running, view.EndedTotal));
        Assert.Equal((2, 1, 1, 0), (view.EndedAs("completed"), view.EndedAs("superseded"), view.EndedAs("lost"), view.EndedAs("aborted")));
        Assert.Equal([new TaskScore("fix-pricing", 2, 0.75, 0.5)], view.Tasks);
        Assert.Equal(["lost", "superseded", "completed", "completed"], view.Last.Select(ended => ended.Status));
    }

    [Fact]
    public async Task FirstGroup_WhenTheEighthSiblingEnds_ComesWithACompletedEpisode()
    {
        var board = new DemoBoard(_time, exit: null);
        for (var attempt = 0; attempt < 7; attempt++)
        {
            board.EndedAs(Ended(0, attempt, attempt == 0 ? "superseded" : "completed", null));
            board.EndedAs(Ended(1, attempt, "completed", 1));
        }
        Assert.False(board.FirstGroup.IsCompleted);
        board.EndedAs(Ended(0, 7, "lost", null));
        Assert.True(board.FirstGroup.IsCompletedSuccessfully);
        Assert.Equal("g1a0", (await board.FirstGroup).EpisodeId);
    }

    [Fact]
    public void Full_WhenAsManyHaveEnded_Comes()
    {
        var board = new DemoBoard(_time, exit: 2);
        board.EndedAs(Ended(0, 0, "completed", 1));
        Assert.False(board.Full.IsCompleted);
        board.EndedAs(Ended(0, 1, "lost", null));
        Assert.True(board.Full.IsCompleted);
    }

    private static EndedRollout Ended(int group, int attempt, string status, double? score) =>
        new($"g{group}a{attempt}", "demo.00", EpisodePlan.For(1, group, attempt) with { Task = TaskLibrary.All[0] }, status, null, score, 3);
}
