using System.Buffers;
using System.Text;
using System.Text.Json;
using CsCheck;
using Rollbook.Export;
using Rollbook.Grains.Tests.Archive;
using Xunit;

namespace Rollbook.Grains.Tests.Export;

/// <summary>The quick way of writing a step against the one that writes value by value.</summary>
public sealed class ExactLineTests
{
    private static readonly JsonWriterOptions Relaxed = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    [Fact]
    public void TryWrite_OfAnyStep_IsTheLineOfTheJsonWriter() => Gen.Select(StepGen.Step, Gen.Long[0, long.MaxValue - 1], Gen.Long[0, 4_000_000_000_000_000]).Sample(
        (step, ordinal, received) =>
        {
            var entry = StepEntry.Read(StepBatch.Encode(Encoding.UTF8.GetBytes(step), ndjson: false, received).Bytes.Span);
            var output = new ArrayBufferWriter<byte>();

            Assert.True(ExactLine.TryWrite(output, entry, ordinal));

            Assert.Equal(ByValues(entry, ordinal), Encoding.UTF8.GetString(output.WrittenSpan));
        },
        iter: Exported.Episodes * 10);

    [Fact]
    public void TryWrite_OfALineThatIsNotCanonical_LeavesItToTheJsonWriter()
    {
        var line = """{"reward":0.5,"action_type":"a"}"""u8;
        var bytes = new byte[StepEntry.HeaderSize + line.Length];
        line.CopyTo(bytes.AsSpan(StepEntry.HeaderSize));
        StepEntry.WriteHead(bytes, line.Length, StepFlags.None, 1, 7, StepEntry.NoStepNumber, 0.5, 0, double.NaN);
        var output = new ArrayBufferWriter<byte>();

        Assert.False(ExactLine.TryWrite(output, StepEntry.Read(bytes), 0));
        Assert.Equal(0, output.WrittenCount);
    }

    private static string ByValues(StepEntry entry, long ordinal)
    {
        var output = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(output, Relaxed);
        StepLineWriter.WriteExact(json, entry, ordinal);
        json.Flush();
        return Encoding.UTF8.GetString(output.WrittenSpan) + "\n";
    }
}
