using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Rollbook.Steps;

/// <summary>Where the values stand in a canonical line. The line was checked when it came in, so nothing is checked again.</summary>
internal readonly ref struct StepFields
{
    private readonly ReadOnlySpan<byte> line;
    private readonly Places places;

    /// <summary>Finds the values of a canonical line.</summary>
    public StepFields(ReadOnlySpan<byte> line)
    {
        this.line = line;
        var reader = new Utf8JsonReader(line, new JsonReaderOptions { MaxDepth = JsonText.MaxDepth });
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var field = StepFieldNames.Find(ref reader);
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            if (field >= 0) places[field] = (start, (int)reader.BytesConsumed);
        }
    }

    /// <summary>A field's raw value; empty where the step has none.</summary>
    public ReadOnlySpan<byte> this[StepField field]
    {
        get
        {
            var (start, end) = places[(int)field];
            return line[start..end];
        }
    }

    [InlineArray(StepFieldNames.Count)]
    private struct Places
    {
        private (int Start, int End) first;
    }
}
