using System.IO.Pipelines;
using Rollbook.Export;
using Rollbook.Testing;
using Xunit;

namespace Rollbook.Grains.Tests.Export;

/// <summary>An episode of any length, a page in memory.</summary>
public sealed class FlatMemoryTests
{
    private const int PageSteps = 100;

    private static readonly int Pages = int.Parse(Environment.GetEnvironmentVariable("ROLLBOOK_EXPORT_PAGES") ?? "50");

    [Theory]
    [InlineData(ExportFormat.Jsonl)]
    [InlineData(ExportFormat.Atif)]
    [InlineData(ExportFormat.Sts)]
    [InlineData(ExportFormat.Traj)]
    [InlineData(ExportFormat.Reference)]
    internal async Task Export_BeforeItReadsAPage_HasHandedOnThePagesBefore(ExportFormat format)
    {
        var output = new CountingStream();
        var pipe = PipeWriter.Create(output);
        var steps = TestSteps.OfLength(PageSteps, 1_000);
        var handedOn = new List<long>();
        var content = new EpisodeContent(
            new NastyEpisode(1).Record() with { StepCount = PageSteps * Pages }, StepSummary.Empty, NoScores, ReadAsync);

        await using (var export = await EpisodeExport.OpenAsync(content, CancellationToken.None))
            await export.WriteAsync(ExportForm.Of(format), pipe, CancellationToken.None);
        await pipe.CompleteAsync();

        // The first page of each pass is asked for before anything of that pass is written.
        Assert.Equal(0, handedOn.Count % Pages);
        foreach (var pass in handedOn.Chunk(Pages))
        {
            for (var page = 2; page < Pages; page++)
                Assert.True(pass[page] - pass[page - 1] > PageSteps * 1_000, $"page {page}: {pass[page - 1]} bytes had been handed on before the page before it, {pass[page]} before it");
        }

        async IAsyncEnumerable<StepPage> ReadAsync()
        {
            for (var page = 0; page < Pages; page++)
            {
                await Task.Yield();
                handedOn.Add(output.Count);
                yield return new StepPage(RollbookCode.Ok, (long)page * PageSteps, steps, false);
            }
        }
    }

    private static async IAsyncEnumerable<IReadOnlyList<ScoreEvent>> NoScores()
    {
        await Task.Yield();
        yield break;
    }

    private sealed class CountingStream : Stream
    {
        public long Count { get; private set; }

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => Count;

        public override long Position { get => Count; set => throw new NotSupportedException(); }

        public override void Write(byte[] buffer, int offset, int count) => Count += count;

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Count += buffer.Length;
            return ValueTask.CompletedTask;
        }

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
