using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Rollbook.Client;

/// <summary>
/// Takes the texts over 256 KiB out of the JSON of steps, and puts a reference in the place of each. Only in the fields that hold what agents and environments wrote,
/// as the Python client does: <c>action_content</c>, <c>thought</c> and <c>response</c> themselves, and whatever is in the observation, in <c>extra</c> and in the diff.
/// </summary>
internal static class LargeTexts
{
    /// <summary>Of what kind they all are.</summary>
    public const string MediaType = "text/plain; charset=utf-8";

    private static readonly JsonReaderOptions Lines = new() { AllowMultipleValues = true, MaxDepth = JsonText.MaxDepth + 1 };

    /// <summary>The JSON with references, and the texts that they name, each once.</summary>
    /// <param name="json">A step, an array of steps, or lines of them.</param>
    /// <param name="to">Takes the JSON with references, unless there are none.</param>
    /// <returns>Null where no text is that long, or where it is no JSON: the encoder says so.</returns>
    public static IReadOnlyList<LargeText>? Detach(ReadOnlySpan<byte> json, ArrayBufferWriter<byte> to)
    {
        if (json.Length <= LargeText.MaxInline) return null;
        var texts = new Dictionary<string, LargeText>(StringComparer.Ordinal);
        var copied = 0;
        try
        {
            var reader = new Utf8JsonReader(json, Lines);
            var top = 0;
            var field = -1;
            while (reader.Read())
            {
                // In an array, and only there, a step's fields stand one deeper.
                if (reader is { CurrentDepth: 0, TokenType: JsonTokenType.StartArray or JsonTokenType.StartObject }) top = reader.TokenType == JsonTokenType.StartArray ? 2 : 1;
                if (reader.TokenType == JsonTokenType.PropertyName && reader.CurrentDepth == top) field = StepFieldNames.Find(ref reader);
                if (reader.TokenType != JsonTokenType.String || !MayLeave(field, isInner: reader.CurrentDepth > top) || TextOf(ref reader) is not { } text) continue;
                texts.TryAdd(text.Sha256, text);
                to.Write(json[copied..(int)reader.TokenStartIndex]);
                WriteReference(to, text);
                copied = (int)reader.BytesConsumed;
            }
        }
        catch (JsonException)
        {
            to.Clear();
            return null;
        }

        if (texts.Count == 0) return null;
        to.Write(json[copied..]);
        return [.. texts.Values];
    }

    // Extra and the diff are objects in any case; a reference would be one of another kind.
    private static bool MayLeave(int field, bool isInner) => (StepField)field switch
    {
        StepField.ActionContent or StepField.Thought or StepField.Response => !isInner,
        StepField.Observation => true,
        StepField.Extra or StepField.FileDiff => isInner,
        _ => false,
    };

    private static LargeText? TextOf(ref Utf8JsonReader reader)
    {
        // Escapes only make it longer.
        if (reader.ValueSpan.Length <= LargeText.MaxInline) return null;
        var utf8 = new byte[reader.ValueSpan.Length];
        int length;
        try
        {
            length = reader.CopyString(utf8);
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair: the recorder keeps it as it was sent.
            return null;
        }

        return length is > LargeText.MaxInline and <= LargeText.MaxBytes ? LargeText.Of(utf8.AsMemory(0, length)) : null;
    }

    private static void WriteReference(ArrayBufferWriter<byte> to, LargeText text) => to.Write(Encoding.UTF8.GetBytes(
        $$"""{"$blob":"{{text.Sha256}}","bytes":{{text.Utf8.Length}},"media_type":"{{MediaType}}"}"""));
}
