using System.Globalization;
using Rollbook.Archive;
using Rollbook.Query;
using Rollbook.Testing;
using Rollbook.Testing.Query;
using Xunit;

namespace Rollbook.Grains.Tests.Archive;

/// <summary>Single texts out of files of episodes, a page each.</summary>
public sealed class PagedTextsTests : IDisposable
{
    private static readonly int Flips = int.Parse(Environment.GetEnvironmentVariable("ROLLBOOK_PACK_FLIPS") ?? "2000", CultureInfo.InvariantCulture) / 4;
    private static readonly byte[][] Columns = ["metadata"u8.ToArray(), "initial_observation"u8.ToArray()];

    private readonly TempDirectory directory = new();

    public void Dispose() => directory.Dispose();

    [Theory]
    [InlineData(4096, 32 << 10, 16)]
    [InlineData(7, 64, 1)]
    [InlineData(64, 1 << 20, 1024)]
    public void TryRead_OfEveryRow_GivesItsText(int groupRows, int pageBytes, int batchRows)
    {
        var rows = Some(500);
        var path = Save(PackRows.Write(rows, new PackTuning { GroupRows = groupRows, PageBytes = pageBytes, BatchRows = batchRows }));
        using var texts = PagedTexts.Open(path, PagedTexts.IndexOf(path, Columns)!);

        // Backwards too: the page that was read last is none of the next row's.
        foreach (var row in Enumerable.Range(0, rows.Count).Concat(Enumerable.Range(0, rows.Count).Reverse()))
        {
            Assert.Equal((rows[row].Record.Metadata, rows[row].Record.InitialObservation), (Text(texts, row, 0), Text(texts, row, 1)));
        }
    }

    [Fact]
    public void TryRead_OfRowsThatAreNotThere_SaysDamaged()
    {
        var path = Save(PackRows.Write(Some(20)));
        using var texts = PagedTexts.Open(path, PagedTexts.IndexOf(path, Columns)!);

        Assert.Equal(path, Assert.Throws<PackDamagedException>(() => texts.TryRead(20, 0, out _)).File);
        Assert.Throws<PackDamagedException>(() => texts.TryRead(-1, 0, out _));
    }

    [Fact]
    public void IndexOf_WhatOthersWrote_IsNull()
    {
        // The engine's own COPY writes no page index.
        var file = ParquetFiles.Episodes(directory.Path, "others", [Rows.Episode(1), Rows.Episode(2)]);

        Assert.Null(PagedTexts.IndexOf(file.Path, Columns));
    }

    [Theory]
    [InlineData("")]
    [InlineData("PAR1")]
    [InlineData("this is no Parquet file at all")]
    [InlineData("12345678901234567890PAR1")]
    public void IndexOf_NoParquetFile_SaysDamaged(string content) =>
        Assert.Throws<PackDamagedException>(() => PagedTexts.IndexOf(Save(System.Text.Encoding.ASCII.GetBytes(content)), Columns));

    [Fact]
    public void TryRead_WithAnyBitOfTheTextsFlipped_NeverGivesAnotherText()
    {
        var rows = Some(40);
        var file = PackRows.Write(rows, new PackTuning { PageBytes = 512, BatchRows = 4 });
        var whole = Save(file);
        var index = PagedTexts.IndexOf(whole, Columns)!;
        using var original = File.OpenHandle(whole);
        var random = new Random(5);
        var damaged = 0;
        for (var flip = 0; flip < Flips; flip++)
        {
            var (row, column) = (random.Next(rows.Count), random.Next(2));
            var place = index.Find(original, row, column);
            // The header's own bytes prove nothing: the content follows them.
            var at = place.Offset + random.Next(place.Length);
            var changed = (byte[])file.Clone();
            changed[at] ^= (byte)(1 << random.Next(8));
            var path = Save(changed);
            using var texts = PagedTexts.Open(path, index);
            try
            {
                if (!texts.TryRead(row, column, out var text)) continue;
                Assert.Equal(column == 0 ? rows[row].Record.Metadata : rows[row].Record.InitialObservation, text);
            }
            catch (PackDamagedException)
            {
                damaged++;
            }
        }

        Assert.True(damaged > Flips / 2, $"only {damaged} of {Flips} were seen");
    }

    [Fact]
    public void IndexOf_WithAnyBitFlipped_EndsInAnAnswerOrInDamage()
    {
        var rows = Some(10);
        var file = PackRows.Write(rows);
        var random = new Random(6);
        for (var flip = 0; flip < Flips; flip++)
        {
            var changed = (byte[])file.Clone();
            changed[random.Next(changed.Length)] ^= (byte)(1 << random.Next(8));
            var path = Save(changed);
            try
            {
                if (PagedTexts.IndexOf(path, Columns) is not { } index) continue;
                using var texts = PagedTexts.Open(path, index);
                for (var row = 0; row < rows.Count; row++) texts.TryRead(row, row % 2, out _);
            }
            catch (PackDamagedException)
            {
                // What it should say.
            }
        }
    }

    [Fact]
    public async Task List_OverPacks_GivesTheLargeValuesOfEachRow()
    {
        using var subject = new Query.QuerySubject();
        var rows = Some(300, Query.QuerySubject.Project);
        var files = rows.Chunk(50).Select((part, i) => new ArchivedFile($"{i}", Save(PackRows.WriteOf(Query.QuerySubject.Project, part)), false)).ToList();
        Assert.NotNull(new WideTexts().Read(1, files[0].Path, [0, 3]));
        subject.Source = new QuerySource { Episodes = files };

        var page = await subject.ListAsync();

        Assert.Equal(
            rows.Select(row => (row.Record.Key.Id, row.Record.Metadata, row.Record.InitialObservation)).OrderBy(row => row.Id),
            page.Items.Select(item => (item.Record.Key.Id, item.Record.Metadata, item.Record.InitialObservation)).OrderBy(row => row.Id));
    }

    private static string? Text(PagedTexts texts, long row, int column)
    {
        Assert.True(texts.TryRead(row, column, out var text));
        return text;
    }

    /// <summary>Texts of all kinds: none, empty, long, many times the same, and stretches without any.</summary>
    private static List<EpisodeRow> Some(int count, string project = PackRows.Project)
    {
        var random = new Random(4);
        var record = PackRows.Episodes()[0];
        return [.. Enumerable.Range(1, count).Select(i => record with
        {
            Record = record.Record with { Key = new EpisodeKey(project, PackSteps.Episode(i)), StartTime = i, Metadata = i is > 100 and < 200 ? null : One(i), InitialObservation = One(i / 8) },
        })];

        string? One(int i) => random.Next(6) switch
        {
            0 => null,
            1 => "",
            2 => $"\"{new string('x', i == 8 ? 3_000_000 : 3_000)}{i}\"",
            3 => "{\"ä\":\"𝄞\"}",
            _ => $$"""{"n":{{i}}}""",
        };
    }

    private string Save(byte[] content)
    {
        var path = Path.Combine(directory.Path, Guid.NewGuid().ToString("N"));
        File.WriteAllBytes(path, content);
        return path;
    }
}
