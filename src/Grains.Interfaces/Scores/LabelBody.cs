using System.Text.Json;

namespace Rollbook;

/// <summary>The body of a label event: <c>{"event_id", "add"?, "remove"?}</c>.</summary>
internal static class LabelBody
{
    /// <summary>Reads it.</summary>
    /// <exception cref="BadJsonException">It is not what it should be.</exception>
    /// <exception cref="TooLargeException">It is over a limit.</exception>
    public static LabelEvent Read(ReadOnlySpan<byte> body)
    {
        ScoreBody.CheckLength(body);
        var fields = JsonFields.Read(body, "event_id", "add", "remove");
        var labels = new LabelEvent { EventId = ScoreBody.EventId(fields), Add = Labels(fields, "add"), Remove = Labels(fields, "remove") };
        if (labels.Add.Count + labels.Remove.Count == 0) throw JsonFields.Wrong("add", "or remove must name a label");
        var both = labels.Add.Intersect(labels.Remove).FirstOrDefault();
        return both is null ? labels : throw JsonFields.Wrong("remove", $"names '{both}' as add does");
    }

    private static IReadOnlyList<string> Labels(JsonFields fields, string name)
    {
        if (fields.Raw(name, mustBeObject: false) is not { } json) return [];
        using var parsed = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = JsonText.MaxDepth });
        if (parsed.RootElement.ValueKind != JsonValueKind.Array) throw JsonFields.Wrong(name, "must be an array");
        if (parsed.RootElement.GetArrayLength() > EventRules.MaxLabels) throw new TooLargeException($"{name} names at most {EventRules.MaxLabels} labels.");
        var labels = new List<string>();
        foreach (var element in parsed.RootElement.EnumerateArray())
        {
            var label = element.ValueKind == JsonValueKind.String ? element.GetString()! : "";
            if (!EventRules.IsPrintable(label, EventRules.MaxLabel)) throw JsonFields.Wrong($"{name}/{labels.Count}", "must be 1 to 128 printable characters");
            labels.Add(label);
        }

        return labels;
    }
}
