using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Rollbook.Export;

/// <summary>
/// Writes one episode in one format. The calls come in this order: <see cref="Begin"/>; <see cref="Score"/> for each event; then for each pass
/// <see cref="BeginSteps"/>, <see cref="Step"/> for each step, <see cref="EndSteps"/>; at last <see cref="End"/>. It keeps nothing that grows with the episode.
/// </summary>
internal abstract class EpisodeWriter(IBufferWriter<byte> output) : IDisposable
{
    // Texts keep their characters: an export is JSON and never stands in a page. What is copied was checked when it came in.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>How often the steps are read.</summary>
    public virtual int Passes => 1;

    /// <summary>Where the values go.</summary>
    protected Utf8JsonWriter Json { get; } = new(output, Options);

    /// <summary>What stands before the score events.</summary>
    public abstract void Begin(EpisodeRecord record, StepSummary summary);

    /// <summary>One score event.</summary>
    public virtual void Score(ScoreEvent score)
    {
    }

    /// <summary>What stands before the first step of a pass, which is counted from 0.</summary>
    public virtual void BeginSteps(int pass)
    {
    }

    /// <summary>One step.</summary>
    public abstract void Step(StepEntry entry, long ordinal, int pass);

    /// <summary>What stands behind the last step of a pass.</summary>
    public virtual void EndSteps(int pass)
    {
    }

    /// <summary>What stands at the end.</summary>
    public abstract void End();

    /// <summary>Gives the output all that was written.</summary>
    public void Flush() => Json.Flush();

    /// <inheritdoc/>
    public void Dispose() => Json.Dispose();

    /// <summary>Ends a line; the next value begins one.</summary>
    protected void EndLine()
    {
        Json.Flush();
        Json.Reset();
        output.Write("\n"u8);
    }

    /// <summary>A JSON value as a text: a string as it stands, anything else as the text of its JSON.</summary>
    protected void WriteText(ReadOnlySpan<byte> name, ReadOnlySpan<byte> json)
    {
        Json.WritePropertyName(name);
        if (json.StartsWith("\""u8)) Json.WriteRawValue(json, skipInputValidation: true);
        else Json.WriteStringValue(json);
    }

    /// <summary>A JSON value as it stands.</summary>
    protected void WriteRaw(ReadOnlySpan<byte> name, ReadOnlySpan<byte> json)
    {
        Json.WritePropertyName(name);
        Json.WriteRawValue(json, skipInputValidation: true);
    }

    /// <summary>A JSON value as it stands, where there is one.</summary>
    protected void WriteGiven(ReadOnlySpan<byte> name, ReadOnlySpan<byte> json)
    {
        if (!json.IsEmpty) WriteRaw(name, json);
    }
}
