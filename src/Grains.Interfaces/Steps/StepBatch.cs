using System.Text.Json;

namespace Rollbook.Steps;

/// <summary>Reads a whole body of steps: one object, an array, or NDJSON.</summary>
internal static class StepBatch
{
    /// <summary>The most steps that a request may hold.</summary>
    public const int MaxSteps = 10_000;

    /// <summary>Encodes all steps of a body.</summary>
    /// <param name="body">The body, decompressed.</param>
    /// <param name="ndjson">One step a line; else one step or an array of them.</param>
    /// <param name="receivedAt">Unix microseconds.</param>
    /// <exception cref="BadJsonException">The body is not what it should be; nothing of it is taken.</exception>
    /// <exception cref="TooLargeException">More than <see cref="MaxSteps"/> steps.</exception>
    public static EncodedSteps Encode(ReadOnlySpan<byte> body, bool ndjson, long receivedAt)
    {
        var room = ndjson ? Math.Min(body.Count((byte)'\n') + 1, MaxSteps) : IsArray(body) ? 16 : 2;
        var output = new StepBuffer(body.Length + StepFieldNames.PrefixBytes + (StepEntry.HeaderSize * room));
        var count = Encode(body, ndjson, receivedAt, new StepEncoder(), output);
        return new EncodedSteps(count, output.Take());
    }

    /// <summary>As <see cref="Encode(ReadOnlySpan{byte}, bool, long)"/>, into a buffer of the caller's; a refused body may leave part of itself there.</summary>
    /// <returns>How many steps there were.</returns>
    public static int Encode(ReadOnlySpan<byte> body, bool ndjson, long receivedAt, StepEncoder encoder, StepBuffer output)
    {
        var invalid = JsonPointers.FirstInvalidUtf8(body);
        if (invalid >= 0) throw NotUtf8(body, invalid, ndjson);
        return ndjson ? Lines(body, receivedAt, encoder, output) : Document(body, receivedAt, encoder, output);
    }

    private static bool IsArray(ReadOnlySpan<byte> body) => body.TrimStart(" \t\r\n"u8) is [(byte)'[', ..];

    private static int Document(ReadOnlySpan<byte> body, long receivedAt, StepEncoder encoder, StepBuffer output)
    {
        var isArray = IsArray(body);
        var before = output.Length;
        if (TryScan(body, isArray, receivedAt, encoder, output, out var scanned)) return scanned;
        // Something is unusual: all of it once more, by the reader that knows what is wrong.
        output.Truncate(before);
        // The step's own depth is limited; the array around it comes on top.
        var depth = JsonText.MaxDepth + (isArray ? 1 : 0);
        var count = 0;
        try
        {
            var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = depth });
            reader.Read();
            if (isArray) reader.Read();
            while (reader.TokenType != JsonTokenType.EndArray)
            {
                if (reader.TokenType != JsonTokenType.StartObject) throw new JsonFault(reader.TokenStartIndex, "A step is a JSON object.");
                if (++count > MaxSteps) throw TooMany();
                encoder.Encode(ref reader, body, receivedAt, output);
                if (!isArray) break;
                reader.Read();
            }

            reader.Read();
            if (count == 0) throw new JsonFault(0, "The array holds no step.");
        }
        catch (JsonFault fault)
        {
            throw BadJsonException.Of(fault, body, depth, line: null);
        }
        catch (JsonException error)
        {
            throw BadJsonException.Of(error, body, depth, line: null);
        }

        return count;
    }

    private static bool TryScan(ReadOnlySpan<byte> body, bool isArray, long receivedAt, StepEncoder encoder, StepBuffer output, out int count)
    {
        var scanner = new JsonScanner(body);
        count = 0;
        if (isArray && !scanner.Take((byte)'[')) return false;
        do
        {
            if (!encoder.TryEncode(ref scanner, body, receivedAt, output)) return false;
            count++;
        }
        while (isArray && count < MaxSteps && scanner.Take((byte)','));
        return (!isArray || scanner.Take((byte)']')) && scanner.Ends();
    }

    private static int Lines(ReadOnlySpan<byte> body, long receivedAt, StepEncoder encoder, StepBuffer output)
    {
        var number = 0;
        var count = 0;
        while (!body.IsEmpty)
        {
            var end = body.IndexOf((byte)'\n');
            var line = end < 0 ? body : body[..end];
            body = end < 0 ? [] : body[(end + 1)..];
            number++;
            if (line.Trim(" \t\r"u8).IsEmpty) continue;
            if (++count > MaxSteps) throw TooMany();
            EncodeLine(line, number, receivedAt, encoder, output);
        }

        if (count == 0) throw new BadJsonException("The body holds no step.", "", 1);
        return count;
    }

    private static void EncodeLine(ReadOnlySpan<byte> line, int number, long receivedAt, StepEncoder encoder, StepBuffer output)
    {
        var before = output.Length;
        var scanner = new JsonScanner(line);
        if (encoder.TryEncode(ref scanner, line, receivedAt, output) && scanner.Ends()) return;
        output.Truncate(before);
        try
        {
            var reader = new Utf8JsonReader(line, new JsonReaderOptions { MaxDepth = JsonText.MaxDepth });
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject) throw new JsonFault(0, "A line holds one step, a JSON object.");
            encoder.Encode(ref reader, line, receivedAt, output);
            reader.Read();
        }
        catch (JsonFault fault)
        {
            throw BadJsonException.Of(fault, line, JsonText.MaxDepth, number);
        }
        catch (JsonException error)
        {
            throw BadJsonException.Of(error, line, JsonText.MaxDepth, number);
        }
    }

    private static BadJsonException NotUtf8(ReadOnlySpan<byte> body, int at, bool ndjson)
    {
        const string Detail = "The body is not UTF-8.";
        if (!ndjson) return new BadJsonException(Detail, JsonPointers.Find(body, at, JsonText.MaxDepth + 1));
        var number = body[..at].Count((byte)'\n') + 1;
        var start = body[..at].LastIndexOf((byte)'\n') + 1;
        var length = body[start..].IndexOf((byte)'\n');
        var line = length < 0 ? body[start..] : body.Slice(start, length);
        return new BadJsonException(Detail, JsonPointers.Find(line, at - start, JsonText.MaxDepth), number);
    }

    /// <summary>The refusal of more than <see cref="MaxSteps"/> steps.</summary>
    public static TooLargeException TooMany() => new($"A request holds at most {MaxSteps} steps. Send the rest in another one.");
}
