using Rollbook.Episodes;
using Rollbook.Grains.Tests.Golden;
using Xunit;

namespace Rollbook.Grains.Tests.Episodes;

public sealed class EndingTests
{
    [Theory]
    [InlineData(EpisodeStatus.Completed, "completed")]
    [InlineData(EpisodeStatus.Superseded, "superseded")]
    [InlineData(EpisodeStatus.Aborted, "aborted")]
    [InlineData(EpisodeStatus.Lost, "silent")]
    public void Apply_WithoutACause_GivesTheStatusItsOwn(EpisodeStatus status, string cause)
    {
        var ended = Ending.Apply(GoldenValues.Record(), new EndEpisode { Status = status }, 1_763_890_100);

        Assert.Equal((status, cause, null, (double?)1_763_890_100), (ended.Status, ended.EndCause, ended.FinalScore, ended.EndTime));
    }

    [Fact]
    public void Apply_WithAClockThatWasSetBack_GivesNoNegativeDuration() =>
        Assert.Equal(GoldenValues.Record().StartTime, Ending.Apply(GoldenValues.Record(), new EndEpisode { Status = EpisodeStatus.Lost }, 5).EndTime);

    [Fact]
    public void Apply_WithAnEndTime_TakesIt() =>
        Assert.Equal(7, Ending.Apply(GoldenValues.Record(), new EndEpisode { Status = EpisodeStatus.Completed, EndTime = 7 }, 5).EndTime);

    [Theory]
    [InlineData(EpisodeStatus.Completed, 0.5, "done", true)]
    [InlineData(EpisodeStatus.Completed, 0.5, null, true)]
    [InlineData(EpisodeStatus.Completed, 0.5, "other", false)]
    [InlineData(EpisodeStatus.Completed, 0.0, "done", false)]
    [InlineData(EpisodeStatus.Completed, null, "done", false)]
    [InlineData(EpisodeStatus.Aborted, 0.5, "done", false)]
    public void Same_OfAnEndingAndARepeat_ComparesStatusScoreAndCause(EpisodeStatus status, double? score, string? cause, bool same)
    {
        var ended = Ending.Apply(GoldenValues.Record(), new EndEpisode { Status = EpisodeStatus.Completed, FinalScore = 0.5, Cause = "done" }, 1);

        Assert.Equal(same, Ending.Same(ended, new EndEpisode { Status = status, FinalScore = score, Cause = cause }));
    }

    [Fact]
    public void Same_OfAScoreThatIsNotANumber_IsTheSame()
    {
        var end = new EndEpisode { Status = EpisodeStatus.Completed, FinalScore = double.NaN };

        Assert.True(Ending.Same(Ending.Apply(GoldenValues.Record(), end, 1), end));
    }
}
