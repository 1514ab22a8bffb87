using System.Text.Json.Nodes;

namespace Rollbook.Cli.Tests;

/// <summary>The two batches of the fake recorder: an outcome per score or per episode.</summary>
internal sealed class FakeBatches(FakeRecorder recorder, Func<string, long, string, (int Status, string Json)> append)
{
    /// <summary>The outcomes, the last first: any order is allowed.</summary>
    public List<string> Answer(string kind, string body)
    {
        var lines = body.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var outcomes = kind == "scores"
            ? lines.Select((line, i) => Score(line, i + 1)).ToList()
            : lines.GroupBy(line => (string)JsonNode.Parse(line)!["episode_id"]!).Select(Run).ToList();
        outcomes.Reverse();
        return outcomes;
    }

    private string Score(string line, int number)
    {
        var json = JsonNode.Parse(line)!.AsObject();
        var id = (string)json["episode_id"]!;
        json.Remove("episode_id");
        var (answer, refusal) = LineFault(line) is { } fault ? (null, fault)
            : !recorder.Episodes.TryGetValue(id, out var episode) ? (null, "episode_not_found")
            : FakeEvents.Score(episode, json.ToJsonString(), $"\"line\":{number},\"episode_id\":\"{id}\",");
        return answer ?? $$"""{"line":{{number}},"episode_id":"{{id}}","event_id":"{{json["event_id"]}}","code":"{{refusal}}","retry":{{(refusal == "unavailable" ? "true" : "false")}},"detail":"the fake says {{refusal}}"}""";
    }

    private string Run(IGrouping<string, string> run)
    {
        var items = run.Select(line => JsonNode.Parse(line)!).ToList();
        var (status, json) = LineFault(run.First()) is { } fault
            ? (409, FakeRecorder.Problem(fault, fault == "unavailable"))
            : append(run.Key, (long)items[0]["ordinal"]!, string.Join('\n', items.Select(item => item["step"]!.ToJsonString())));
        var answer = JsonNode.Parse(json)!;
        return status == 200
            ? $$"""{"episode_id":"{{run.Key}}","next_ordinal":{{answer["next_ordinal"]}},"duplicates":{{answer["duplicates"]}}}"""
            : $$"""{"episode_id":"{{run.Key}}","code":"{{answer["code"]}}","retry":{{answer["retry"]!.ToJsonString()}},"detail":"{{answer["detail"]}}","expected":{{answer["expected"]?.ToJsonString() ?? "null"}}}""";
    }

    private string? LineFault(string line)
    {
        var fault = recorder.LineFaults.FirstOrDefault(candidate => candidate.Times > 0 && line.Contains(candidate.Path, StringComparison.Ordinal));
        if (fault is not null)
            fault.Times--;
        return fault?.Code;
    }
}
