using System.Security.Cryptography;
using CsCheck;
using Rollbook.Archive;
using Rollbook.Export;
using Rollbook.Testing;
using Xunit;

namespace Rollbook.Grains.Tests.Export;

/// <summary>The tables, read back by the archive's own readers.</summary>
public sealed class ParquetTests
{
    [Fact]
    public async Task Tables_OfAnyEpisodes_HaveTheirRowsInOrder() => await Gen.Int.Array[1, 6].SampleAsync(async seeds =>
    {
        List<NastyEpisode> episodes = [.. seeds.Select(static seed => new NastyEpisode(seed)).DistinctBy(static episode => episode.Id).OrderBy(static episode => episode.Id)];

        using (var steps = new StepPackReader(await WriteAsync("steps", episodes), "steps"))
        {
            var read = steps.ReadAll().Select(static step => (step.Episode, step.Ordinal, Entry: Convert.ToHexString(step.Entry.Span))).ToList();
            Assert.Equal(episodes.SelectMany(Entries), read);
        }

        using (var rows = new EpisodePackReader(await WriteAsync("episodes", episodes), "episodes", "default"))
            Assert.Equal(episodes.Select(static episode => Text(episode.Record())), rows.ReadAll().Select(static row => Text(row.Record)));
        using (var scores = new ScorePackReader(await WriteAsync("scores", episodes), "scores"))
            Assert.Equal(episodes.SelectMany(static episode => episode.Scores.Select(score => (episode.Id, score))), scores.ReadAll().Select(static row => (row.Episode, row.Event)));
    }, iter: Math.Max(1, Exported.Episodes / 10));

    [Fact]
    public async Task Steps_OfMany_GoBeforeTheLastIsRead()
    {
        var target = new MemoryStream();
        using var writer = ExportTable.Find("steps")!.Open(target, "default");
        var record = new NastyEpisode(1).Record();
        var sent = new List<long>();
        var noise = Noise(1_000);
        for (var episode = 1; episode <= 20; episode++)
        {
            var key = new EpisodeKey("default", new EpisodeId((UInt128)episode));
            var content = new EpisodeContent(record with { Key = key, StepCount = 1_000 }, StepSummary.Empty, null!, () => One(new StepPage(RollbookCode.Ok, 0, noise, true)));
            await writer.AddAsync(content, () =>
            {
                sent.Add(target.Length);
                return ValueTask.CompletedTask;
            }, CancellationToken.None);
        }

        Assert.Equal(20_000, writer.Complete([]));
        // A row group has 4,096 rows: four of them are written while twenty thousand come.
        Assert.Equal(5, sent.Distinct().Count());
        target.Position = 0;
        using var reader = new StepPackReader(target, "steps");
        Assert.Equal(20_000, reader.Rows);
    }

    private static async Task<MemoryStream> WriteAsync(string table, List<NastyEpisode> episodes)
    {
        var target = new MemoryStream();
        using var writer = ExportTable.Find(table)!.Open(target, "default");
        foreach (var episode in episodes) await writer.AddAsync(Exported.Content(episode), () => ValueTask.CompletedTask, CancellationToken.None);
        writer.Complete([]);
        target.Position = 0;
        return target;
    }

    private static IEnumerable<(EpisodeId Episode, long Ordinal, string Entry)> Entries(NastyEpisode episode)
    {
        var entries = new List<(EpisodeId, long, string)>();
        for (var rest = episode.Encode().Bytes.Span; !rest.IsEmpty;)
        {
            var entry = StepEntry.Read(rest);
            entries.Add((episode.Id, entries.Count, Convert.ToHexString(entry.Bytes)));
            rest = rest[entry.Length..];
        }

        return entries;
    }

    private static EncodedSteps Noise(int count) => StepBatch.Encode(
        System.Text.Encoding.UTF8.GetBytes(string.Join('\n', Enumerable.Range(0, count).Select(static i => $$"""{"action_type":"run","response":"{{Convert.ToHexString(SHA256.HashData(BitConverter.GetBytes(i)))}}"}"""))),
        ndjson: true,
        1_763_890_000_000_000);

    // Lists compare by what they hold.
    private static string Text(EpisodeRecord record) => $"{record with { Labels = [] }} {string.Join(',', record.Labels)}";

    private static async IAsyncEnumerable<T> One<T>(T page)
    {
        await Task.Yield();
        yield return page;
    }
}
