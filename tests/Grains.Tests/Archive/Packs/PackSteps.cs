using System.Text;
using Rollbook.Archive;
using Rollbook.StepLog;

namespace Rollbook.Grains.Tests.Archive;

/// <summary>Steps to pack, and what was packed.</summary>
internal static class PackSteps
{
    public static readonly LogId Log = LogId.Parse("01KAR5G0000000000000000MAG");

    /// <summary>The episode of a number; numbers sort as episodes do.</summary>
    public static EpisodeId Episode(int number) => new(((UInt128)0x019AB12C << 96) + (UInt128)number);

    public static ReadOnlyMemory<byte> Entry(string json, long receivedAt) => StepBatch.Encode(Encoding.UTF8.GetBytes(json), ndjson: false, receivedAt).Bytes;

    public static PackedStep Step(int episode, long ordinal, string json, long term = 1, long chunk = 0, int place = 0) =>
        new(Episode(episode), ordinal, term, Log, chunk, place, Entry(json, 1_763_890_000_000_000 + (ordinal * 250_000)));

    /// <summary>Spreads steps over episodes of different lengths, in the order of the file.</summary>
    public static List<PackedStep> Spread(IReadOnlyList<string> steps, Random random)
    {
        var packed = new List<PackedStep>();
        var episode = 0;
        var ordinal = (long)random.Next(3);
        foreach (var json in steps)
        {
            if (random.Next(5) == 0)
            {
                episode += 1 + random.Next(3);
                ordinal = random.Next(3);
            }

            packed.Add(Step(episode, ordinal++, json, 1 + random.Next(2), random.Next(1000), random.Next(50)));
        }

        return packed;
    }

    public static byte[] Write(IEnumerable<PackedStep> steps, PackTuning? tuning = null)
    {
        var file = new MemoryStream();
        using var writer = new StepPackWriter(file, tuning ?? PackTuning.Default);
        foreach (var step in steps) writer.Add(step);
        writer.Complete();
        return file.ToArray();
    }

    public static StepPackReader Open(byte[] file) => new(new MemoryStream(file, writable: false), "test.steps.parquet");

    /// <summary>The steps of a file with bytes of their own.</summary>
    public static List<PackedStep> ReadAll(byte[] file)
    {
        using var reader = Open(file);
        return [.. reader.ReadAll().Select(static step => step with { Entry = step.Entry.ToArray() })];
    }

    public static bool Same(PackedStep a, PackedStep b) => a with { Entry = default } == b with { Entry = default } && a.Entry.Span.SequenceEqual(b.Entry.Span);
}
