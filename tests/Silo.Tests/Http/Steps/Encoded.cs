using System.Text;
using Rollbook.Episodes;
using Rollbook.Silo.Http;

namespace Rollbook.Silo.Tests.Http.Steps;

/// <summary>Encodes bodies and reads the entries back.</summary>
internal static class Encoded
{
    public const long ReceivedAt = 1_763_890_000_250_000;

    public static EncodedSteps Of(string body, bool ndjson = false) => StepBatch.Encode(Encoding.UTF8.GetBytes(body), ndjson, ReceivedAt);

    public static StepEntry Entry(string body) => StepEntry.Read(Of(body).Bytes.Span);

    public static string Line(string body) => Encoding.UTF8.GetString(Entry(body).Line);

    public static List<string> Lines(EncodedSteps steps)
    {
        var lines = new List<string>();
        for (var rest = steps.Bytes.Span; !rest.IsEmpty;)
        {
            var entry = StepEntry.Read(rest);
            lines.Add(Encoding.UTF8.GetString(entry.Line));
            rest = rest[entry.Length..];
        }

        return lines;
    }
}
