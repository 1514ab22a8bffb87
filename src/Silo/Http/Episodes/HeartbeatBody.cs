using System.Text.Json;

namespace Rollbook.Silo.Http;

/// <summary>The body of a heartbeat: <c>{"episodes": [{"episode_id", "writer_epoch"?}]}</c>.</summary>
internal static class HeartbeatBody
{
    /// <summary>The most episodes in one.</summary>
    public const int MaxEpisodes = 1_000;

    /// <summary>Reads it.</summary>
    /// <exception cref="BadJsonException">It is not what it should be.</exception>
    public static List<(EpisodeId Id, long? WriterEpoch)> Read(ReadOnlySpan<byte> body)
    {
        var list = JsonFields.Required("episodes", JsonFields.Read(body, "episodes").Raw("episodes", mustBeObject: false));
        using var parsed = JsonDocument.Parse(list, new JsonDocumentOptions { MaxDepth = JsonText.MaxDepth });
        if (parsed.RootElement.ValueKind != JsonValueKind.Array) throw JsonFields.Wrong("episodes", "must be an array");
        if (parsed.RootElement.GetArrayLength() is 0 or > MaxEpisodes) throw JsonFields.Wrong("episodes", $"must have 1 to {MaxEpisodes} elements");
        var episodes = new List<(EpisodeId, long?)>();
        foreach (var element in parsed.RootElement.EnumerateArray()) episodes.Add(Element(element, episodes.Count));
        return episodes;
    }

    private static (EpisodeId Id, long? WriterEpoch) Element(JsonElement element, int index)
    {
        if (element.ValueKind != JsonValueKind.Object) throw JsonFields.Wrong($"episodes/{index}", "must be an object");
        EpisodeId? id = null;
        long? epoch = null;
        foreach (var property in element.EnumerateObject())
        {
            var value = property.Value;
            if (property.NameEquals("episode_id") && value.ValueKind == JsonValueKind.String && EpisodeId.TryParse(value.GetString(), out var parsed)) id = parsed;
            else if (property.NameEquals("writer_epoch") && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number)) epoch = number;
            else if (!property.NameEquals("writer_epoch") || value.ValueKind != JsonValueKind.Null) throw JsonFields.Wrong($"episodes/{index}/{property.Name}", "is not what it should be");
        }

        return (id ?? throw JsonFields.Wrong($"episodes/{index}/episode_id", "is required"), epoch);
    }
}
