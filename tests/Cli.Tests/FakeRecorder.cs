using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Rollbook.Client;

namespace Rollbook.Cli.Tests;

/// <summary>A recorder in memory behind a real socket, following the HTTP contract as far as the client and the CLI use it, with faults on call.</summary>
internal sealed class FakeRecorder : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, string> _keys = [];

    private readonly FakeStreams _streams;

    private FakeRecorder(WebApplication app) => (_app, _streams) = (app, new FakeStreams(this));

    public Dictionary<string, FakeEpisode> Episodes { get; } = [];

    public List<Fault> Faults { get; } = [];

    /// <summary>Faults of single lines of a batch; their path is a part of the line.</summary>
    public List<Fault> LineFaults { get; } = [];

    /// <summary>Bodies of the batches that came, in order.</summary>
    public List<string> Batches { get; } = [];

    /// <summary>Method, path and query of every request.</summary>
    public List<string> Requests { get; } = [];

    /// <summary>Bodies of the append requests that came, in order.</summary>
    public List<string> Appends { get; } = [];

    public List<string?> LastEventIds { get; } = [];

    /// <summary>What an export of an episode gives, by its id.</summary>
    public Dictionary<string, string> Exports { get; } = [];

    /// <summary>Steps that are counted but not served: a recorder that lost some.</summary>
    public int HiddenSteps { get; set; }

    /// <summary>The worker is another live writer's.</summary>
    public bool WorkersAreBusy { get; set; }

    /// <summary>Steps with this text in them are no steps.</summary>
    public string? RefusesSteps { get; set; }

    /// <summary>What happens just before an episode is resumed.</summary>
    public Action? Resuming { get; set; }

    /// <summary>What the recorder says of its routes.</summary>
    public string OpenApi { get; set; } = """{"info":{"version":"v1"},"paths":{"/v1/steps":{},"/v1/scores":{},"/v1/episodes/{id}/labels":{},"/v1/heartbeat":{}}}""";

    /// <summary>What the recorder says of itself; null = it knows no such route.</summary>
    public string? Doctor { get; set; } = """
        {"state":"ok","version":"0.1.0","runtime":".NET","time":1,"formats":{"chunk":1,"frame":1,"pack":1},"checks":[{"check":"log","state":"ok","text":"it takes steps"}]}
        """;

    /// <summary>Answers to lists, statistics and statements, by what the path and query hold; a body goes to <see cref="Statements"/>.</summary>
    public Dictionary<string, (int Status, string Body)> Answers { get; } = [];

    /// <summary>Headers of those answers.</summary>
    public Dictionary<string, string> AnswerHeaders { get; } = [];

    /// <summary>Bodies of the statements that came, in order.</summary>
    public List<string> Statements { get; } = [];

    public Uri Address => new(_app.Urls.First());

    public static async Task<FakeRecorder> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrel(options => options.Listen(IPAddress.Loopback, 0));
        var recorder = new FakeRecorder(builder.Build());
        recorder._app.Run(recorder.HandleAsync);
        await recorder._app.StartAsync();
        return recorder;
    }

    public RollbookHttpClient NewClient(TimeSpan? giveUpAfter = null) => new(new RollbookHttpOptions
    {
        BaseAddress = Address,
        FirstDelay = TimeSpan.FromMilliseconds(1),
        MaxDelay = TimeSpan.FromMilliseconds(5),
        GiveUpAfter = giveUpAfter ?? TimeSpan.FromSeconds(20),
        JitterSeed = 1,
    });

    public FakeEpisode Add(string id, params string[] steps)
    {
        var episode = new FakeEpisode { Id = id, Worker = "w.0", Body = """{"task":"t","variant_id":"v"}""" };
        episode.Steps.AddRange(steps);
        Episodes.Add(id, episode);
        return episode;
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private async Task HandleAsync(HttpContext context)
    {
        var path = context.Request.Path.Value + context.Request.QueryString.Value;
        using var reader = new StreamReader(context.Request.Body, Encoding.UTF8);
        var body = await reader.ReadToEndAsync();
        Fault? fault;
        lock (_lock)
        {
            Requests.Add($"{context.Request.Method} {path}");
            fault = Faults.FirstOrDefault(candidate => candidate.Times > 0 && path.Contains(candidate.Path, StringComparison.Ordinal));
            if (fault is not null)
                fault.Times--;
        }

        if (fault is { CutAfter: null, AfterEffect: false })
        {
            await fault.StrikeAsync(context);
            return;
        }

        var parts = context.Request.Path.Value!.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (parts is ["v1", "episodes", var live, "live"])
        {
            await _streams.LiveAsync(context, live, fault);
            return;
        }

        if (parts is ["v1", "episodes", var read, "steps"] && context.Request.Method == "GET")
        {
            await _streams.StepsAsync(context, read, fault);
            return;
        }

        if (parts is ["v1", "export"])
        {
            await _streams.ExportAsync(context, fault);
            return;
        }

        if (parts is ["v1", "steps"] or ["v1", "scores"])
        {
            await BatchAsync(context, parts[1], body, fault);
            return;
        }

        if (parts is ["v1", "episodes"] or ["v1", "stats"] or ["v1", "query"])
        {
            lock (_lock)
                Statements.Add(body);
            var (status, text) = Answers.First(pair => path.Contains(pair.Key, StringComparison.Ordinal)).Value;
            context.Response.StatusCode = status;
            foreach (var (name, value) in AnswerHeaders)
                context.Response.Headers[name] = value;
            await context.Response.WriteAsync(text);
            return;
        }

        (int Status, string Json) answer;
        lock (_lock)
            answer = Answer(context, parts, body);
        if (fault is { AfterEffect: true })
        {
            await fault.StrikeAsync(context);
            return;
        }

        context.Response.StatusCode = answer.Status;
        await context.Response.WriteAsync(answer.Json);
    }

    private (int Status, string Json) Answer(HttpContext context, string[] parts, string body) => parts switch
    {
        ["health", "ready"] => (200, "{}"),
        ["v1", "workers", var worker, "episodes"] => Start(worker, context.Request.Headers["Idempotency-Key"], body),
        ["v1", "workers", var worker] => Worker(worker),
        ["v1", "episodes", var id, "steps"] => Append(
            id, long.Parse(context.Request.Query["from"]!), body, long.TryParse(context.Request.Query["writer_epoch"], out var epoch) ? epoch : null),
        ["v1", "episodes", var id, "end"] => End(id, JsonNode.Parse(body)!),
        ["v1", "episodes", var id, "abort"] => Abort(id, JsonNode.Parse(body)!),
        ["v1", "episodes", var id, "resume"] => Resume(id),
        ["v1", "heartbeat"] => Heartbeat(body),
        ["openapi", "v1.json"] => (200, OpenApi),
        ["v1", "doctor"] when Doctor is not null => (200, Doctor),
        ["v1", "episodes", var id, "scores"] => Event(id, body, (episode, json) => FakeEvents.Score(episode, json)),
        ["v1", "episodes", var id, "labels"] => Event(id, body, FakeEvents.Label),
        ["v1", "episodes", var id, "replay-actions"] => Actions(id),
        ["v1", "episodes", var id] when context.Request.Method == "PATCH" => Event(id, body, FakeEvents.SetFields),
        ["v1", "episodes", var id] => Record(id, context.Request.Query["steps"] != "false"),
        _ => (404, Problem("bad_request", false)),
    };

    private (int Status, string Json) Start(string worker, string? key, string body)
    {
        var wanted = (string?)JsonNode.Parse(body)!["episode_id"];
        var id = wanted ?? (key is not null && _keys.TryGetValue(key, out var known) ? known : $"01FAKE{Episodes.Count:D20}");
        if (WorkersAreBusy && !Episodes.ContainsKey(id))
            return (409, Problem("worker_busy", true));
        if (!Episodes.TryGetValue(id, out var episode))
            Episodes.Add(id, episode = new FakeEpisode { Id = id, Worker = worker, Body = body });
        else if (episode.Worker != worker || episode.Body != body)
            return (409, Problem("episode_exists", false));

        if (key is not null)
            _keys[key] = id;
        return (201, $$"""{"episode_id":"{{id}}","worker":"{{worker}}","status":"running","start_time":1.5,"next_ordinal":0,"writer_epoch":1,"superseded":null,"later_field":1}""");
    }

    private (int Status, string Json) Append(string id, long from, string body, long? epoch = null)
    {
        Appends.Add(body);
        if (!Episodes.TryGetValue(id, out var episode))
            return (404, Problem("episode_not_found", false));
        if (epoch < episode.WriterEpoch)
            return (409, Problem("writer_fenced", false));
        var lines = body.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        if (RefusesSteps is not null && lines.Any(line => line.Contains(RefusesSteps, StringComparison.Ordinal)))
            return (400, Problem("bad_json", false));
        if (from > episode.Steps.Count)
            return (409, Problem("ordinal_gap", false, episode.Steps.Count));
        for (var i = 0; i < lines.Length && from + i < episode.Steps.Count; i++)
        {
            if (episode.Steps[(int)from + i] != lines[i])
                return (409, Problem("ordinal_conflict", false, from + i));
        }

        var duplicates = Math.Min(lines.Length, episode.Steps.Count - (int)from);
        if (duplicates < lines.Length && episode.Status != "running")
            return (409, Problem("episode_ended", false));
        episode.Steps.AddRange(lines[duplicates..]);
        return (200, $$"""{"next_ordinal":{{from + lines.Length}},"duplicates":{{duplicates}}}""");
    }

    private (int Status, string Json) End(string id, JsonNode body)
    {
        if (!Episodes.TryGetValue(id, out var episode))
            return (404, Problem("episode_not_found", false));
        if ((long?)body["writer_epoch"] < episode.WriterEpoch)
            return (409, Problem("writer_fenced", false));
        if (episode.Status != "running")
            return episode.EndBody == body.ToJsonString() ? (200, Ended(episode)) : (409, Problem("end_conflict", false));
        if ((int)body["next_ordinal"]! != episode.Steps.Count)
            return (409, Problem("ordinal_gap", false, episode.Steps.Count));
        episode.Status = (string?)body["status"] ?? "completed";
        episode.EndCause = (string?)body["end_cause"];
        episode.EndBody = body.ToJsonString();
        return (200, Ended(episode));
    }

    private (int Status, string Json) Abort(string id, JsonNode body)
    {
        var episode = Episodes[id];
        episode.Status = "aborted";
        episode.EndCause = (string?)body["cause"];
        return (200, Ended(episode));
    }

    private (int Status, string Json) Resume(string id)
    {
        var episode = Episodes[id];
        episode.Status = "running";
        Resuming?.Invoke();
        episode.WriterEpoch++;
        return (200, $$"""{"next_ordinal":{{episode.Steps.Count}},"writer_epoch":{{episode.WriterEpoch}},"record":{{episode.Record()}}}""");
    }

    private (int Status, string Json) Event(string id, string body, Func<FakeEpisode, string, (string? Json, string? Refusal)> apply)
    {
        if (!Episodes.TryGetValue(id, out var episode))
            return (404, Problem("episode_not_found", false));
        var (json, refusal) = apply(episode, body);
        return json is not null ? (200, json) : (refusal == "bad_json" ? 400 : 409, Problem(refusal!, false));
    }

    private (int Status, string Json) Heartbeat(string body)
    {
        var states = JsonNode.Parse(body)!["episodes"]!.AsArray().Select(item => (string)item!["episode_id"]!).Select(id => new JsonObject
        {
            ["episode_id"] = id,
            ["code"] = !Episodes.TryGetValue(id, out var episode) ? "episode_not_found" : episode.Status == "running" ? "ok" : "episode_ended",
        });
        return (200, new JsonObject { ["episodes"] = new JsonArray([.. states]) }.ToJsonString());
    }

    private (int Status, string Json) Actions(string id)
    {
        if (!Episodes.TryGetValue(id, out var episode))
            return (404, Problem("episode_not_found", false));
        var actions = episode.Steps.Select(line => JsonNode.Parse(line)!).Select(step =>
        {
            var action = new JsonObject { ["action_type"] = step["action_type"]!.DeepClone() };
            if (step["action_query"] is { } query)
                action["query"] = query.DeepClone();
            return (JsonNode)action;
        });
        return (200, new JsonArray([.. actions]).ToJsonString());
    }

    private async Task BatchAsync(HttpContext context, string kind, string body, Fault? fault)
    {
        List<string> outcomes;
        lock (_lock)
        {
            Batches.Add(body);
            outcomes = new FakeBatches(this, (id, from, steps) => Append(id, from, steps)).Answer(kind, body);
        }

        foreach (var outcome in outcomes.Take(fault?.CutAfter ?? outcomes.Count))
            await context.Response.WriteAsync(outcome + "\n");
        if (fault is not null)
            await context.Response.WriteAsync("{\"cut");
    }

    private (int Status, string Json) Record(string id, bool steps)
    {
        if (!Episodes.TryGetValue(id, out var episode))
            return (404, Problem("episode_not_found", false));
        if (!steps)
            return (200, episode.Record());
        var lines = string.Join(',', Enumerable.Range(0, episode.Steps.Count).Select(episode.Line));
        return (200, episode.Record()[..^1] + $$""","steps":[{{lines}}]}""");
    }

    private (int Status, string Json) Worker(string worker)
    {
        var own = Episodes.Values.Where(episode => episode.Worker == worker).ToList();
        if (own.Count == 0)
            return (404, Problem("worker_not_found", false));
        var current = own.LastOrDefault(episode => episode.Status == "running")?.Record() ?? "null";
        var history = string.Join(',', own.Where(episode => episode.Status != "running").Select(episode => episode.Record()));
        return (200, $$"""{"worker":"{{worker}}","status":"idle","current":{{current}},"history":[{{history}}]}""");
    }

    private static string Ended(FakeEpisode episode) =>
        $$"""{"episode_id":"{{episode.Id}}","status":"{{episode.Status}}","end_cause":null,"final_score":"NaN","total_steps":{{episode.Steps.Count}},"next_ordinal":{{episode.Steps.Count}},"end_time":2.5}""";

    public static string Problem(string code, bool retry, long? expected = null) =>
        $$"""{"type":"about:blank","title":"{{code}}","status":0,"detail":"the fake says {{code}}","code":"{{code}}","retry":{{(retry ? "true" : "false")}},"expected":{{expected?.ToString() ?? "null"}},"pointer":"/0","line":1}""";
}
