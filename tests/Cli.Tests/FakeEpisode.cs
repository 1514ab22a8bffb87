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

    public string? EndCause { get; set; }

    public string Record()
    {
        var start = JsonNode.Parse(Body)!.AsObject();
        var record = new JsonObject
        {
            ["episode_id"] = Id,
            ["project"] = "default",
            ["worker"] = Worker,
            ["task"] = start["task"]!.DeepClone(),
            ["variant_id"] = start["variant_id"]!.DeepClone(),
            ["group_id"] = start["group_id"]?.DeepClone(),
            ["start_time"] = 1763890000.25,
            ["end_time"] = Status == "running" ? null : 1763890009.5,
            ["duration_seconds"] = Status == "running" ? null : 9.25,
            ["status"] = Status,
            ["end_cause"] = EndCause,
            ["final_score"] = null,
            ["total_steps"] = Steps.Count,
            ["step_count"] = Steps.Count,
            ["metadata"] = start["metadata"]?.DeepClone() ?? new JsonObject(),
            ["initial_observation"] = start["initial_observation"]?.DeepClone() ?? new JsonObject(),
            ["next_ordinal"] = Steps.Count,
            ["writer_epoch"] = 1,
        };
        return record.ToJsonString();
    }

    public string Line(int ordinal) => $$"""{"ordinal":{{ordinal}},"received_at":1763890000.5,""" + Steps[ordinal][1..];
}
