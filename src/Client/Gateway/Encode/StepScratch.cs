using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Rollbook.Client;

/// <summary>
/// A thread's space for encoding: steps are encoded outside any lock, then copied once, to where their batch is built. Its bytes
/// are good until the thread encodes again.
/// </summary>
internal sealed class StepScratch
{
    /// <summary>The most bytes of JSON that one call may bring, and so the largest step.</summary>
    public const int MaxBytes = 16 * 1024 * 1024;

    // One huge step must not leave its size on every thread for ever.
    private const int Kept = 1024 * 1024;

    private static readonly JsonWriterOptions Compact =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = JsonText.MaxDepth + 1 };

    [ThreadStatic]
    private static StepScratch? mine;

    private readonly StepEncoder encoder = new();
    private readonly ArrayBufferWriter<byte> detached = new();
    private ArrayBufferWriter<byte> json = new(4096);
    private Utf8JsonWriter? writer;
    private StepBuffer entries = new(8192);

    /// <summary>This thread's.</summary>
    public static StepScratch Mine => mine ??= new StepScratch();

    /// <summary>Encodes one typed step.</summary>
    /// <exception cref="BadStepException">A JSON value in it is not what it should be.</exception>
    public EncodedSpan Encode(Step step, long receivedAt)
    {
        ArgumentNullException.ThrowIfNull(step);
        ResetJson();
        Write(step, 0);
        return Encode(json.WrittenSpan, ndjson: false, receivedAt);
    }

    /// <summary>Encodes several typed steps.</summary>
    /// <exception cref="BadStepException">One of them is not what it should be; its <see cref="RollbookException.Line"/> is its 1-based place.</exception>
    public EncodedSpan Encode(IReadOnlyList<Step> steps, long receivedAt)
    {
        ResetJson();
        for (var i = 0; i < steps.Count; i++)
        {
            Write(steps[i], i + 1);
            json.Write("\n"u8);
        }

        return Encode(json.WrittenSpan, ndjson: true, receivedAt);
    }

    /// <summary>Encodes JSON.</summary>
    /// <exception cref="BadStepException">It is not what it should be.</exception>
    public EncodedSpan Encode(ReadOnlySpan<byte> text, bool ndjson, long receivedAt)
    {
        detached.ResetWrittenCount();
        var texts = LargeTexts.Detach(text, detached);
        if (texts is not null) text = detached.WrittenSpan;
        if (text.Length > MaxBytes) throw BadStepException.TooLarge($"A call takes 16 MiB of steps at most; these are {text.Length:N0} bytes.");
        if (entries.Capacity > Kept) entries = new StepBuffer(8192);
        entries.Clear();
        try
        {
            var count = StepBatch.Encode(text, ndjson, receivedAt, encoder, entries);
            return new EncodedSpan(count, entries.Written, texts);
        }
        catch (BadJsonException error)
        {
            throw new BadStepException(error.Message, error.Pointer, error.Line, error);
        }
        catch (TooLargeException error)
        {
            throw BadStepException.TooLarge(error.Message);
        }
    }

    private void ResetJson()
    {
        if (json.Capacity > Kept)
        {
            json = new ArrayBufferWriter<byte>(4096);
            writer = null;
        }

        json.ResetWrittenCount();
    }

    private void Write(Step step, int line)
    {
        writer ??= new Utf8JsonWriter(json, Compact);
        writer.Reset();
        try
        {
            StepJson.Write(writer, step);
            writer.Flush();
        }
        catch (Exception error) when (error is JsonException or ArgumentException)
        {
            // An observation or extra that is not one JSON value.
            throw new BadStepException(error.Message, "", line == 0 ? null : line, error);
        }
    }
}
