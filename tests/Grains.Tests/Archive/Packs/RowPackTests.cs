using CsCheck;
using Rollbook.Archive;
using Xunit;

namespace Rollbook.Grains.Tests.Archive;

public sealed class RowPackTests
{
    private static readonly PackTuning Small = new() { GroupRows = 5, PageBytes = 256 };

    [Fact]
    public void EpisodePackReader_OfAnyRows_GivesThemBack() =>
        PackRows.Episode.Array[1, 30].Sample(
            rows =>
            {
                EpisodeRow[] sorted = [.. rows.OrderBy(static row => row.Record.Key.Id)];
                using var reader = PackRows.OpenEpisodes(PackRows.Write(sorted, Small));
                var read = reader.ReadAll().ToList();
                if (reader.Rows != sorted.Length || read.Count != sorted.Length) return false;
                foreach (var row in sorted)
                {
                    var newest = sorted.Where(other => other.Record.Key == row.Record.Key).MaxBy(static other => (other.Term, other.Chunk, other.Place))!;
                    if (!PackRows.Same(newest, reader.Read(row.Record.Key.Id)!)) return false;
                }

                return sorted.Zip(read).All(static pair => PackRows.Same(pair.First, pair.Second));
            },
            iter: 300);

    [Fact]
    public void ScorePackReader_OfAnyRows_GivesThemBack() =>
        PackRows.ScoreEvent.Array[1, 30].Sample(
            rows =>
            {
                ScoreRow[] sorted = [.. rows.OrderBy(static row => row.Episode)];
                using var reader = PackRows.OpenScores(PackRows.Write(sorted, Small));
                return reader.ReadAll().SequenceEqual(sorted)
                    && sorted.All(row => reader.Read(row.Episode).SequenceEqual(sorted.Where(other => other.Episode == row.Episode)));
            },
            iter: 300);

    [Fact]
    public void Read_OfAnEpisodeThatIsNotThere_GivesNothing()
    {
        using var episodes = PackRows.OpenEpisodes(PackRows.Write(PackRows.Episodes()));
        using var scores = PackRows.OpenScores(PackRows.Write(PackRows.Scores()));

        Assert.Null(episodes.Read(PackSteps.Episode(0)));
        Assert.Null(episodes.Read(PackSteps.Episode(9)));
        Assert.Empty(scores.Read(PackSteps.Episode(9)));
    }

    [Fact]
    public void Write_OfRowsOutOfOrderOrOfAnotherProject_IsRefused()
    {
        var rows = PackRows.Episodes();

        Assert.Throws<ArgumentException>(() => EpisodePackWriter.Write(new MemoryStream(), PackRows.Project, [rows[1], rows[0]]));
        Assert.Throws<ArgumentException>(() => EpisodePackWriter.Write(new MemoryStream(), "default", rows));
    }
}
