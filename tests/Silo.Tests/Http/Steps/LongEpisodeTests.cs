using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Rollbook.Archive;
using Rollbook.Testing;

namespace Rollbook.Silo.Tests.Http.Steps;

/// <summary>T23: an episode of a million steps, and a step of ten thousand tool calls, against the whole recorder.</summary>
[Collection(nameof(AloneCollection))]
public sealed class LongEpisodeTests : IAsyncLifetime
{
    private const int Batch = 10_000;
    private const long MostGrowth = 64L << 20;

    /// <summary>How long the episode is: a whole number of batches.</summary>
    private static readonly long Steps = long.Parse(Environment.GetEnvironmentVariable("ROLLBOOK_T23_STEPS") ?? "1000000", CultureInfo.InvariantCulture) / Batch * Batch;

    private readonly TempDirectory directory = new();
    private SiloServer server = null!;

    // What the archiver sorts at once is memory that a setting bounds, whatever the episode's length.
    public async ValueTask InitializeAsync() => server = await SiloServer.StartAsync(directory.Path, static builder =>
    {
        builder.Configuration["Rollbook:Archive:PackBytes"] = "8388608";
        builder.Configuration["Rollbook:Archive:BurstBytes"] = "0";
    });

    public async ValueTask DisposeAsync()
    {
        await server.DisposeAsync();
        directory.Dispose();
    }

    [Fact]
    public async Task Episode_OfAMillionSteps_IsRecordedAndStreamedWithFlatMemory()
    {
        // What a recorder grows to once, whatever the episode's length, is there before the count begins.
        var warm = await server.BeginAsync("warm");
        await RecordAsync(warm, 2 * Batch, NoHeap);
        await ReadAsync(warm, 2 * Batch, NoHeap);
        var id = await server.BeginAsync("long");
        var heap = new HeapWatch();

        var clock = Stopwatch.StartNew();
        await RecordAsync(id, Steps, heap.Look);
        var (wrote, written) = (clock.Elapsed, heap.Growth);
        // What the archiver holds while it is behind is counted with the writing.
        await server.Services.GetRequiredService<ArchiveRounds>().PackOwnAsync(TestContext.Current.CancellationToken);
        clock.Restart();
        await ReadAsync(id, Steps, heap.Look);
        var read = clock.Elapsed;

        Figures.Report("T23", string.Create(CultureInfo.InvariantCulture,
            $"{Steps:N0} steps in one episode: written in {wrote.TotalSeconds:F1} s, read in {read.TotalSeconds:F1} s; the live heap of the whole process grew by {Mib(written)} MiB at most while writing and {Mib(heap.Growth)} MiB in all (allowed: {Mib(MostGrowth)}), {Mib(heap.Highest)} MiB with what was not collected yet"));
        Assert.InRange(heap.Growth, long.MinValue, MostGrowth);
        await server.PostAsync($"/v1/episodes/{id}/end", $$"""{"next_ordinal":{{Steps}}}""");
        var (_, record) = await server.GetAsync($"/v1/episodes/{id}?steps=false");
        Assert.Equal((Steps, Steps, "completed"), ((long)record!["step_count"]!, (long)record["next_ordinal"]!, (string)record["status"]!));
    }

    [Fact]
    public async Task Episode_OfManySteps_IsReadFromAnyPlace()
    {
        var id = await server.BeginAsync("places");
        await RecordAsync(id, 3 * Batch, NoHeap);
        var random = new Random(23);
        foreach (var from in Enumerable.Range(0, 20).Select(_ => random.Next(3 * Batch)).Append(3 * Batch - 1).Append(Batch))
        {
            var lines = await server.LinesAsync(id, $"?from={from}&limit=3");
            Assert.Equal(Math.Min(3, 3 * Batch - from), lines.Length);
            for (var i = 0; i < lines.Length; i++) Assert.Null(Fault(new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(lines[i])), from + i, out _));
        }
    }

    [Fact]
    public async Task Step_OfTenThousandToolCalls_ComesBackByteForByte()
    {
        var id = await server.BeginAsync("calls");
        var calls = string.Join(',', Enumerable.Range(0, 10_000).Select(i => $$$"""{"id":"call_{{{i}}}","function":{"name":"é{{{i % 7}}}","arguments":"{\"x\":{{{i}}}.50}"},"logprob":-{{{i}}}.0e-3}"""));
        var (status, _) = await server.AppendAsync(id, 0, "{\"action_type\":\"a\",\"extra\":{\"tool_calls\":[" + calls + "]}}");
        Assert.Equal(200, status);
        Assert.Equal(200, (await server.AppendAsync(id, 1, """{"action_type":"b"}""")).Status);

        var lines = await server.LinesAsync(id);

        Assert.Equal(2, lines.Length);
        Assert.Contains("\"extra\":{\"tool_calls\":[" + calls + "]}", lines[0], StringComparison.Ordinal);
        Assert.Contains("\"action_type\":\"b\"", lines[1], StringComparison.Ordinal);
    }

    private async Task RecordAsync(string id, long steps, Action look)
    {
        var body = new ArrayBufferWriter<byte>(Batch * 128);
        for (long from = 0; from < steps; from += Batch)
        {
            body.ResetWrittenCount();
            for (var ordinal = from; ordinal < from + Batch; ordinal++)
            {
                body.Write("{"u8);
                body.Write(Encoding.UTF8.GetBytes(Content(ordinal)));
                body.Write("}\n"u8);
            }

            using var content = new ReadOnlyMemoryContent(body.WrittenMemory);
            content.Headers.ContentType = new("application/x-ndjson");
            using var response = await server.Client.PostAsync($"/v1/episodes/{id}/steps?from={from}", content);
            var answer = await response.Content.ReadAsStringAsync();
            Assert.Equal($$"""{"next_ordinal":{{from + Batch}},"duplicates":0}""", answer);
            if (from / Batch % 10 == 9) look();
        }
    }

    /// <summary>Reads all of the episode as one stream and holds each line against what was sent.</summary>
    private async Task ReadAsync(string id, long steps, Action look)
    {
        using var response = await server.Client.GetAsync($"/v1/episodes/{id}/steps", HttpCompletionOption.ResponseHeadersRead);
        var pipe = PipeReader.Create(await response.Content.ReadAsStreamAsync());
        long ordinal = 0;
        var received = 0.0;
        while (true)
        {
            var piece = await pipe.ReadAsync();
            var rest = piece.Buffer;
            while (TakeLine(ref rest, out var line))
            {
                if (Fault(line, ordinal, out var time) is { } fault) Assert.Fail($"Ordinal {ordinal}: {fault}");
                Assert.True(time >= received, $"Ordinal {ordinal} was received before the one in front of it.");
                received = time;
                if (++ordinal % (10 * Batch) == 0) look();
            }

            pipe.AdvanceTo(rest.Start, rest.End);
            if (!piece.IsCompleted) continue;
            Assert.Equal(0, rest.Length);
            break;
        }

        Assert.Equal(steps, ordinal);
    }

    private static bool TakeLine(ref ReadOnlySequence<byte> rest, out ReadOnlySequence<byte> line)
    {
        var reader = new SequenceReader<byte>(rest);
        if (!reader.TryReadTo(out line, (byte)'\n')) return false;
        rest = reader.UnreadSequence;
        return true;
    }

    /// <summary>What is wrong with a line that was read, null for nothing; and when the recorder received the step.</summary>
    private static string? Fault(ReadOnlySequence<byte> line, long ordinal, out double received)
    {
        received = 0;
        var text = line.ToArray();
        var head = Encoding.UTF8.GetBytes($"{{\"ordinal\":{ordinal},\"received_at\":");
        if (!text.AsSpan().StartsWith(head)) return "it begins otherwise: " + Encoding.UTF8.GetString(text);
        if (!Utf8Parser.TryParse(text.AsSpan(head.Length), out received, out var length)) return "no time: " + Encoding.UTF8.GetString(text);
        var content = $",{Content(ordinal)},\"done\":false,\"duration_ms\":0.0,\"security_flags\":[]}}";
        return text.AsSpan(head.Length + length).SequenceEqual(Encoding.UTF8.GetBytes(content)) ? null : "another content: " + Encoding.UTF8.GetString(text);
    }

    /// <summary>The members of a step, in the order in which they come back.</summary>
    private static string Content(long ordinal) => string.Create(CultureInfo.InvariantCulture,
        $"\"step_number\":{ordinal * 3},\"timestamp\":1763890000.25,\"action_type\":\"a{ordinal % 7}\",\"observation_snapshot\":{{\"n\":{ordinal},\"é\":[{ordinal % 100}.50]}},\"reward\":0.{ordinal % 1000:D3}5,\"cumulative_reward\":-{ordinal}.5");

    private static void NoHeap()
    {
    }

    private static string Mib(long bytes) => (bytes / 1048576.0).ToString("F1", CultureInfo.InvariantCulture);

    /// <summary>The managed heap since it was made.</summary>
    private sealed class HeapWatch
    {
        private readonly long before = GC.GetTotalMemory(forceFullCollection: true);

        /// <summary>The most that what is alive grew, in bytes.</summary>
        public long Growth { get; private set; } = long.MinValue;

        /// <summary>The most that the heap held more, garbage included.</summary>
        public long Highest { get; private set; }

        public void Look()
        {
            Highest = Math.Max(Highest, GC.GetTotalMemory(forceFullCollection: false) - before);
            Growth = Math.Max(Growth, GC.GetTotalMemory(forceFullCollection: true) - before);
        }
    }
}
