using System.Text;
using System.Text.Json;

namespace Rollbook.Simulation.Tests.Clients;

/// <summary>Steps as an edge encodes them: real ones, since packs take them apart and make them again. A text of the client's is the step's query.</summary>
internal static class SimSteps
{
    public static EncodedSteps Encode(IReadOnlyList<string> texts, TimeProvider edge)
    {
        var receivedAt = edge.GetUtcNow().ToUnixTimeMilliseconds() * 1000;
        var encoder = new StepEncoder();
        var bytes = new StepBuffer(256);
        foreach (var text in texts)
        {
            var json = Encoding.UTF8.GetBytes($$"""{"step_number":-1,"action_type":"sim","action_query":{{JsonSerializer.Serialize(text)}},"reward":1}""");
            var reader = new Utf8JsonReader(json);
            reader.Read();
            encoder.Encode(ref reader, json, receivedAt, bytes);
        }

        return new EncodedSteps(texts.Count, bytes.Take());
    }

    public static List<(string Line, long ReceivedAt)> Decode(EncodedSteps steps)
    {
        var decoded = new List<(string, long)>(steps.Count);
        var bytes = steps.Bytes.Span;
        for (var i = 0; i < steps.Count; i++)
        {
            var entry = StepEntry.Read(bytes);
            var line = new Utf8JsonReader(entry.Line);
            using var document = JsonDocument.ParseValue(ref line);
            decoded.Add((document.RootElement.GetProperty("action_query"u8).GetString()!, entry.ReceivedAt));
            bytes = bytes[entry.Length..];
        }

        return decoded;
    }
}
