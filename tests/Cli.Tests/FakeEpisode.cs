using System.Text.Json.Nodes;

namespace Rollbook.Cli.Tests;

/// <summary>What the fake recorder holds of one episode.</summary>
internal sealed class FakeEpisode
{
    public required string Id { get; init; }

    public required string Worker { get; init; }

    public required string Body { get; init; }

    public List<string> Steps { get; } = [];

    public string Status { get; set; } = "running";

    /// <summary>The newest writer's.</summary>
    public long WriterEpoch { get; set; } = 1;

    public string? EndCause { get; set; }

    /// <summary>The body of its end, which a repeat must match.</summary>
    public string? EndBody { get; set; }

    /// <summary>Bodies of its score events, in the order in which they came.</summary>
    public List<string> Scores { get; } = [];

    public SortedSet<string> Labels { get; } = new(StringComparer.Ordinal);

    /// <summary>Bodies of all events by their ids, scores and labels alike.</summary>
    public Dictionary<string, string> Events { get; } = [];

    /// <summary>Fields that were set after the start.</summary>
    public JsonObject Fields { get; } = [];

    public JsonNode? ReportedScore => EndBody is null ? null : JsonNode.Parse(EndBody)!["final_score"]?.DeepClone();

    public JsonNode? FinalScore
    {
        get
        {
            var final = Scores.Select(body => JsonNode.Parse(body)!).LastOrDefault(score => (string?)score["name"] == "final");
            return final is null ? ReportedScore : final["value"]?.DeepClone();
        }
    }

    public string Record()
    {
        var start = JsonNode.Parse(Body)!.AsObject();
        var end = EndBody is null ? null : JsonNode.Parse(EndBody)!["end_time"]?.DeepClone();
        var record = new JsonObject
        {
            ["episode_id"] = Id,
            ["project"] = "default",
            ["worker"] = Worker,
            ["task"] = start["task"]!.DeepClone(),
            ["variant_id"] = start["variant_id"]!.DeepClone(),
            ["group_id"] = (Fields["group_id"] ?? start["group_id"])?.DeepClone(),
            ["seed"] = (Fields["seed"] ?? start["seed"])?.DeepClone(),
            ["start_time"] = start["start_time"]?.DeepClone() ?? 1763890000.25,
            ["end_time"] = Status == "running" ? null : end ?? 1763890009.5,
            ["duration_seconds"] = Status == "running" ? null : 9.25,
            ["status"] = Status,
            ["end_cause"] = EndCause,
            ["final_score"] = FinalScore,
            ["reported_score"] = ReportedScore,
            ["scores"] = new JsonArray([.. Scores.Select(body => JsonNode.Parse(body))]),
            ["labels"] = new JsonArray([.. Labels.Select(label => (JsonNode)label)]),
            ["total_steps"] = Steps.Count,
            ["step_count"] = Steps.Count,
            ["metadata"] = start["metadata"]?.DeepClone() ?? new JsonObject(),
            ["initial_observation"] = start["initial_observation"]?.DeepClone() ?? new JsonObject(),
            ["next_ordinal"] = Steps.Count,
            ["writer_epoch"] = WriterEpoch,
        };
        return record.ToJsonString();
    }

    /// <summary>Serve steps as the real recorder does: with the defaults of fields that were not sent.</summary>
    public bool FillDefaults { get; init; }

    public string Line(int ordinal)
    {
        var line = $$"""{"ordinal":{{ordinal}},"received_at":1763890000.5,""" + Steps[ordinal][1..];
        return FillDefaults ? line[..^1] + ",\"done\":false}" : line;
    }
}
