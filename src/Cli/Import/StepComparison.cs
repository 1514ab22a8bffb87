using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Rollbook.Client;

namespace Rollbook.Cli;

/// <summary>Whether a step of a file is the one that the recorder has.</summary>
/// <remarks>
/// The recorder serves a step with the defaults of the fields that it was sent without: such a field is no difference where the file's step lacks it. Other than
/// that they are compared by what they say, since files of an earlier release have those defaults, too.
/// </remarks>
internal static class StepComparison
{
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 512 };

    /// <param name="mine">The file's step as it would be sent.</param>
    /// <param name="served">The recorder's.</param>
    public static bool Same(ReadOnlyMemory<byte> mine, StepLine served)
    {
        using var file = new RawObject(mine);
        using var recorder = new RawObject(served.Json);
        List<string> left = ["ordinal", "received_at"];
        foreach (var (name, value) in Defaults(recorder, served.Ordinal))
        {
            if (!file.Has(name) && recorder[name]?.GetRawText() == value)
                left.Add(name);
        }

        var other = new ArrayBufferWriter<byte>(served.Json.Length);
        recorder.WriteAllBut(other, [.. left]);
        other.Write("}"u8);
        if (mine.Span.TrimEnd("\n"u8).SequenceEqual(other.WrittenSpan))
            return true;
        // Another release may serve the fields in another order.
        using var one = JsonDocument.Parse(mine, Options);
        using var two = JsonDocument.Parse(other.WrittenMemory, Options);
        return JsonElement.DeepEquals(one.RootElement, two.RootElement);
    }

    private static IEnumerable<(string Name, string? Value)> Defaults(RawObject served, long ordinal) =>
    [
        ("step_number", (ordinal + 1).ToString(CultureInfo.InvariantCulture)),
        ("timestamp", served["received_at"]?.GetRawText()),
        ("reward", "0.0"),
        ("cumulative_reward", "0.0"),
        ("done", "false"),
        ("duration_ms", "0.0"),
        ("security_flags", "[]"),
    ];
}
