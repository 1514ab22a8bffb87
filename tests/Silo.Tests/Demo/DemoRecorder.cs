using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Rollbook.Silo.Tests.Demo;

/// <summary>The routes that the demo's workers use, in memory: strict about ordinals and epochs, with deadlines.</summary>
internal sealed class DemoRecorder(TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Episode> _episodes = [];
    private readonly Dictionary<string, Episode> _current = [];

    public IReadOnlyList<Episode> Episodes
    {
        get
        {
            lock (_lock)
                return [.. _episodes.Values];
        }
    }

    public void Map(WebApplication app)
    {
        app.MapGet("/health/ready", () => Results.Ok());
        app.MapPost("/v1/workers/{worker}/episodes", (string worker, JsonObject body) => Locked(() => Start(worker, body)));
        app.MapPost("/v1/episodes/{id}/steps", async (string id, int from, long writer_epoch, HttpRequest request) =>
        {
            var text = await new StreamReader(request.Body).ReadToEndAsync();
            return Locked(() => Append(id, from, writer_epoch, JsonNode.Parse(text)!.AsObject()));
        });
        app.MapPost("/v1/episodes/{id}/end", (string id, JsonObject body) => Locked(() => End(id, body)));
        app.MapPost("/v1/episodes/{id}/abort", (string id, JsonObject body) => Locked(() => Abort(id, (string)body["cause"]!)));
        app.MapGet("/v1/episodes/{id}", (string id) => Locked(() => Find(id).Record()));
    }

    private IResult Locked(Func<IResult> act)
    {
        lock (_lock)
            return act();
    }

    private IResult Start(string worker, JsonObject body)
    {
        var before = _current.GetValueOrDefault(worker) is { } last && Find(last.Id).Status == "running" ? last : null;
        before?.Close("superseded", "superseded by the next");
        var episode = new Episode($"01K{_episodes.Count:D23}", worker, body, time.GetTimestamp());
        _episodes.Add(episode.Id, episode);
        _current[worker] = episode;
        return Reply(StatusCodes.Status201Created, new JsonObject
        {
            ["episode_id"] = episode.Id, ["worker"] = worker, ["status"] = "running", ["start_time"] = 1.5, ["next_ordinal"] = 0, ["writer_epoch"] = 1,
            ["superseded"] = before?.Id,
        });
    }

    private IResult Append(string id, int from, long epoch, JsonObject step)
    {
        var episode = Find(id);
        if (episode.Status != "running")
            return Refuse("episode_ended");
        if (from != episode.Steps.Count || epoch != 1)
            return Refuse("ordinal_gap");
        episode.Steps.Add(step);
        episode.Heard = time.GetTimestamp();
        return Reply(StatusCodes.Status200OK, new JsonObject { ["next_ordinal"] = episode.Steps.Count, ["duplicates"] = 0 });
    }

    private IResult End(string id, JsonObject body)
    {
        var episode = Find(id);
        if (episode.Status != "running" || (int)body["next_ordinal"]! != episode.Steps.Count)
            return Refuse("end_conflict");
        episode.Close("completed", (string?)body["end_cause"], (double?)body["final_score"]);
        return episode.Record();
    }

    private IResult Abort(string id, string cause)
    {
        var episode = Find(id);
        if (episode.Status != "running")
            return Refuse("end_conflict");
        episode.Close("aborted", cause);
        return episode.Record();
    }

    private Episode Find(string id)
    {
        var episode = _episodes[id];
        if (episode.Status == "running" && time.GetElapsedTime(episode.Heard) > TimeSpan.FromSeconds((int)episode.Start["deadline_seconds"]!))
            episode.Close("lost", "silent");
        return episode;
    }

    private static IResult Refuse(string code) =>
        Reply(StatusCodes.Status409Conflict, new JsonObject { ["title"] = code, ["status"] = 409, ["code"] = code, ["retry"] = false });

    private static IResult Reply(int status, JsonObject body) => Results.Text(body.ToJsonString(), "application/json", statusCode: status);

    internal sealed class Episode(string id, string worker, JsonObject start, long heard)
    {
        public string Id { get; } = id;

        public string Worker { get; } = worker;

        public JsonObject Start { get; } = start;

        public List<JsonObject> Steps { get; } = [];

        public string Status { get; private set; } = "running";

        public string? Cause { get; private set; }

        public double? Score { get; private set; }

        public long Heard { get; set; } = heard;

        public void Close(string status, string? cause, double? score = null) => (Status, Cause, Score) = (status, cause, score);

        public IResult Record() => Reply(StatusCodes.Status200OK, new JsonObject
        {
            ["episode_id"] = Id, ["worker"] = Worker, ["task"] = (string)Start["task"]!, ["variant_id"] = (string)Start["variant_id"]!,
            ["status"] = Status, ["end_cause"] = Cause, ["final_score"] = Score, ["total_steps"] = Steps.Count, ["step_count"] = Steps.Count,
            ["start_time"] = 1.5, ["end_time"] = 2.5, ["next_ordinal"] = Steps.Count, ["writer_epoch"] = 1,
            ["metadata"] = new JsonObject(), ["initial_observation"] = new JsonObject(),
        });
    }
}
