using System.Text;
using Rollbook.Silo.Http;

namespace Rollbook.Silo.Tests.Http.Episodes;

/// <summary>What an ending may hold.</summary>
public sealed class EndBodiesTests
{
    [Theory]
    [InlineData("""{"next_ordinal":7}""", null)]
    [InlineData("""{"next_ordinal":7,"final_score":0.75}""", 0.75)]
    [InlineData("""{"next_ordinal":7,"final_score":"NaN"}""", double.NaN)]
    [InlineData("""{"next_ordinal":7,"final_score":"-Infinity"}""", double.NegativeInfinity)]
    public void ReadEnd_Score_IsTold(string body, double? score)
    {
        var end = EndBodies.ReadEnd(Encoding.UTF8.GetBytes(body));
        Assert.Equal(score, end.FinalScore);
        Assert.Equal(7, end.NextOrdinal);
        Assert.Equal(EpisodeStatus.Completed, end.Status);
    }

    [Theory]
    [InlineData("{}", "/next_ordinal")]
    [InlineData("""{"next_ordinal":-1}""", "/next_ordinal")]
    [InlineData("""{"next_ordinal":1,"final_score":1e400}""", "/final_score")]
    [InlineData("""{"next_ordinal":1,"final_score":"0.5"}""", "/final_score")]
    [InlineData("""{"next_ordinal":1,"final_score":NaN}""", "/final_score")]
    [InlineData("""{"next_ordinal":1,"end_cause":""}""", "/end_cause")]
    [InlineData("""{"next_ordinal":1,"writer_epoch":"1"}""", "/writer_epoch")]
    [InlineData("""{"next_ordinal":1,"score":1}""", "/score")]
    [InlineData("""{"next_ordinal":1,"status":"running"}""", "/status")]
    public void ReadEnd_BadBody_PointsAtTheField(string body, string pointer) =>
        Assert.Equal(pointer, Assert.Throws<BadJsonException>(() => EndBodies.ReadEnd(Encoding.UTF8.GetBytes(body))).Pointer);

    [Theory]
    [InlineData("completed", EpisodeStatus.Completed)]
    [InlineData("superseded", EpisodeStatus.Superseded)]
    [InlineData("aborted", EpisodeStatus.Aborted)]
    [InlineData("lost", EpisodeStatus.Lost)]
    public void ReadEnd_Status_IsTold(string status, object expected) =>
        Assert.Equal(expected, EndBodies.ReadEnd(Encoding.UTF8.GetBytes($$"""{"next_ordinal":1,"status":"{{status}}"}""")).Status);

    [Fact]
    public void ReadAbort_Body_GivesTheCause()
    {
        Assert.Null(EndBodies.ReadAbort([]).Cause);
        var abort = EndBodies.ReadAbort("""{"cause":"stopped by hand"}"""u8);
        Assert.Equal(("stopped by hand", EpisodeStatus.Aborted, null), (abort.Cause, abort.Status, abort.NextOrdinal));
    }
}
