using System.Text.Json;

namespace Rollbook.Silo.Http;

/// <summary>
/// Reads lines of the form <c>{"episode_id", "ordinal", "writer_epoch"?, "step"}</c> and encodes their steps, in one pass of the
/// reader. One per request.
/// </summary>
/// <param name="receivedAt">Unix microseconds.</param>
/// <param name="output">Takes the entries.</param>
internal sealed class EnvelopeReader(long receivedAt, StepBuffer output)
{
    // The step's own depth is limited; the object around it comes on top.
    private const int MaxDepth = JsonText.MaxDepth + 1;
    private const int IdLength = 26;

    private readonly StepEncoder encoder = new();
    private readonly byte[] idText = new byte[IdLength];
    private EpisodeId id;
    private Fields fields;
    private bool inStep;

    /// <summary>Reads a line and writes its step's entry.</summary>
    /// <param name="line">The line without its end.</param>
    /// <param name="number">Its 1-based number in the body.</param>
    /// <param name="invalidAt">Where its first byte stands that is not UTF-8; -1 = all are.</param>
    /// <param name="refusal">What is wrong inside the step, with a pointer into it; null = nothing. Then nothing was written.</param>
    /// <exception cref="BadJsonException">The line itself is not what it should be.</exception>
    public StepPlace Read(ReadOnlySpan<byte> line, int number, int invalidAt, out BadJsonException? refusal)
    {
        refusal = null;
        try
        {
            ReadLine(line, invalidAt, encode: true);
            return Place();
        }
        catch (Exception error) when (error is JsonFault or JsonException)
        {
            var bad = Bad(error, line, number);
            if (!inStep) throw bad;
            // Not the step's fault is the line's: whose step it is must be known, and may stand behind it.
            refusal = new BadJsonException(bad.Message, bad.Pointer["/step".Length..], number);
            return ReadPlace(line, number);
        }
    }

    /// <summary>Reads a line whose step is bad.</summary>
    private StepPlace ReadPlace(ReadOnlySpan<byte> line, int number)
    {
        try
        {
            ReadLine(line, invalidAt: -1, encode: false);
        }
        catch (JsonException) when (inStep && fields is { Episode: not null, Ordinal: not null })
        {
            // What stands behind a step that is not JSON can't be found, and isn't needed.
        }
        catch (Exception error) when (error is JsonFault or JsonException)
        {
            throw Bad(error, line, number);
        }

        try
        {
            return Place();
        }
        catch (JsonFault fault)
        {
            throw Bad(fault, line, number);
        }
    }

    private void ReadLine(ReadOnlySpan<byte> line, int invalidAt, bool encode)
    {
        fields = default;
        inStep = false;
        var reader = new Utf8JsonReader(line, new JsonReaderOptions { MaxDepth = MaxDepth });
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject) throw new JsonFault(0, "A line holds one object with episode_id, ordinal and step.");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.TokenStartIndex;
            JsonText.CheckString(ref reader);
            if (reader.ValueTextEquals("step"u8))
            {
                if (fields.HasStep) throw Twice(name, "step");
                fields.HasStep = true;
                ReadStep(ref reader, line, invalidAt, encode);
            }
            else
            {
                ReadField(ref reader, name);
            }
        }

        reader.Read();
    }

    private void ReadStep(ref Utf8JsonReader reader, ReadOnlySpan<byte> line, int invalidAt, bool encode)
    {
        inStep = true;
        reader.Read();
        if (invalidAt >= 0) throw NotUtf8(reader, invalidAt);
        if (!encode) reader.Skip();
        else if (reader.TokenType != JsonTokenType.StartObject) throw new JsonFault(reader.TokenStartIndex, "A step is a JSON object.");
        else encoder.Encode(ref reader, line, receivedAt, output);
        inStep = false;
    }

    private JsonFault NotUtf8(Utf8JsonReader reader, int invalidAt)
    {
        var start = reader.TokenStartIndex;
        reader.Skip();
        inStep = invalidAt >= start && invalidAt < reader.BytesConsumed;
        return new JsonFault(invalidAt, "The line is not UTF-8.");
    }

    private void ReadField(ref Utf8JsonReader reader, long name)
    {
        if (reader.ValueTextEquals("episode_id"u8))
        {
            reader.Read();
            if (fields.Episode is not null) throw Twice(name, "episode_id");
            fields.Episode = ReadId(ref reader);
        }
        else if (reader.ValueTextEquals("ordinal"u8))
        {
            reader.Read();
            if (fields.Ordinal is not null) throw Twice(name, "ordinal");
            fields.Ordinal = ReadNumber(ref reader, "ordinal");
        }
        else if (reader.ValueTextEquals("writer_epoch"u8))
        {
            reader.Read();
            if (fields.HasEpoch) throw Twice(name, "writer_epoch");
            fields.HasEpoch = true;
            fields.WriterEpoch = reader.TokenType == JsonTokenType.Null ? null : ReadNumber(ref reader, "writer_epoch");
        }
        else
        {
            throw new JsonFault(name, "The field is not known here: a line has episode_id, ordinal, writer_epoch and step.");
        }
    }

    private EpisodeId ReadId(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.String && reader.ValueSpan.Length == IdLength && !reader.ValueIsEscaped)
        {
            // Lines of one episode stand together: its text is decoded once.
            if (id != default && reader.ValueSpan.SequenceEqual(idText)) return id;
            Span<char> chars = stackalloc char[IdLength];
            for (var i = 0; i < IdLength; i++) chars[i] = (char)reader.ValueSpan[i];
            if (EpisodeId.TryParse(chars, out id))
            {
                reader.ValueSpan.CopyTo(idText);
                return id;
            }

            id = default;
        }

        throw new JsonFault(reader.TokenStartIndex, "episode_id must be a ULID of 26 characters.");
    }

    private static long ReadNumber(ref Utf8JsonReader reader, string name) =>
        reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var value) && value >= 0
            ? value
            : throw new JsonFault(reader.TokenStartIndex, $"{name} must be an integer from 0 to 2^63-1.");

    private StepPlace Place()
    {
        if (!fields.HasStep) throw Missing("step");
        if (fields.Episode is not { } episode) throw Missing("episode_id");
        if (fields.Ordinal is not { } ordinal) throw Missing("ordinal");
        return new StepPlace(episode, ordinal, fields.WriterEpoch);
    }

    private static JsonFault Missing(string field) => new(0, $"A line needs {field}.", field);

    private static JsonFault Twice(long position, string field) => new(position, $"{field} is given twice.");

    private static BadJsonException Bad(Exception error, ReadOnlySpan<byte> line, int number) => error is JsonFault fault
        ? BadJsonException.Of(fault, line, MaxDepth, number)
        : BadJsonException.Of((JsonException)error, line, MaxDepth, number);

    private struct Fields
    {
        public EpisodeId? Episode;
        public long? Ordinal;
        public long? WriterEpoch;
        public bool HasEpoch;
        public bool HasStep;
    }
}
