using System.Text.Json.Nodes;

namespace Rollbook.Cli.Tests;

/// <summary>Scores, labels and late fields of the fake recorder's episodes. Each answers its JSON, or the code of its refusal.</summary>
internal static class FakeEvents
{
    public static (string? Json, string? Refusal) Score(FakeEpisode episode, string body, string prefix = "")
    {
        var json = JsonNode.Parse(body)!.AsObject();
        if (json["event_id"] is null || json["name"] is null || json["source"] is null || !json.ContainsKey("value"))
            return (null, "bad_json");
        if (Once(episode, (string)json["event_id"]!, body, () => episode.Scores.Add(body)) is not { } duplicate)
            return (null, "score_conflict");
        return ($$"""{{{prefix}}"event_id":"{{json["event_id"]}}","duplicate":{{duplicate}},"final_score":{{episode.FinalScore?.ToJsonString() ?? "null"}}}""", null);
    }

    public static (string? Json, string? Refusal) Label(FakeEpisode episode, string body)
    {
        var json = JsonNode.Parse(body)!.AsObject();
        if (json["event_id"] is null)
            return (null, "bad_json");
        if (Once(episode, (string)json["event_id"]!, body, () => Apply(episode, json)) is not { } duplicate)
            return (null, "score_conflict");
        var labels = new JsonArray([.. episode.Labels.Select(label => (JsonNode)label)]).ToJsonString();
        return ($$"""{"event_id":"{{json["event_id"]}}","duplicate":{{duplicate}},"labels":{{labels}}}""", null);
    }

    public static (string? Json, string? Refusal) SetFields(FakeEpisode episode, string body)
    {
        var known = JsonNode.Parse(episode.Record())!.AsObject();
        var fields = JsonNode.Parse(body)!.AsObject();
        if (fields.Any(field => known[field.Key] is { } stands && !JsonNode.DeepEquals(stands, field.Value)))
            return (null, "field_conflict");
        foreach (var (name, value) in fields)
            episode.Fields[name] = value?.DeepClone();
        return (episode.Record(), null);
    }

    private static void Apply(FakeEpisode episode, JsonObject change)
    {
        episode.Labels.UnionWith(change["add"]!.AsArray().Select(label => (string)label!));
        episode.Labels.ExceptWith(change["remove"]!.AsArray().Select(label => (string)label!));
    }

    /// <summary>"true" for a repeat, "false" for a new event, null for another body under a used id.</summary>
    private static string? Once(FakeEpisode episode, string id, string body, Action apply)
    {
        if (episode.Events.TryGetValue(id, out var known))
            return known == body ? "true" : null;
        episode.Events.Add(id, body);
        apply();
        return "false";
    }
}
