using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Rollbook.Testing;

/// <summary>A random episode with all that is hard to carry over: odd numbers and escapes, absent and empty fields, scores that say "not scored", any ending.</summary>
public sealed class NastyEpisode
{
    private static readonly string[] Words = ["t", "org/repo#12", "été 😀", "a\"b\\c", "‮x", "_", new('w', 256)];
    private readonly Random random;
    private readonly RandomJson json;

    /// <summary>The same seed gives the same episode.</summary>
    public NastyEpisode(int seed, int mostSteps = 12)
    {
        random = new Random(seed);
        json = new RandomJson(seed);
        Id = new EpisodeId(new UInt128((ulong)random.NextInt64(), (ulong)random.NextInt64()));
        Worker = $"w{random.Next(3)}.~:@+-{seed}";
        Steps = [.. Enumerable.Range(0, random.Next(mostSteps + 1)).Select(_ => Step())];
        Scores = [.. Enumerable.Range(0, random.Next(4)).Select(Score)];
        Labels = [.. new[] { "pinned", "a b", "é\"\\" }.Where(_ => random.Next(2) == 0).Order(StringComparer.Ordinal)];
        Status = (EpisodeStatus)random.Next(5);
        EndCause = Status == EpisodeStatus.Running ? null : Maybe(() => Pick(["submitted", "exception: \"é\"", "damaged", "\\u0041"]));
        ReportedScore = Status == EpisodeStatus.Running ? null : Maybe<double?>(() => Pick<double>([0, 0.1, -1, double.NaN, double.PositiveInfinity]));
        StartTime = 1_763_890_000 + random.NextDouble();
        EndTime = Status == EpisodeStatus.Running ? null : StartTime + random.Next(1000);
        Start = StartFields();
    }

    /// <summary>The id.</summary>
    public EpisodeId Id { get; }

    /// <summary>The worker, which no other seed has.</summary>
    public string Worker { get; }

    /// <summary>Steps as a client sends them, a JSON object each.</summary>
    public IReadOnlyList<string> Steps { get; }

    /// <summary>The score events.</summary>
    public IReadOnlyList<ScoreEvent> Scores { get; }

    /// <summary>The labels, sorted.</summary>
    public IReadOnlyList<string> Labels { get; }

    /// <summary>How it ended, or that it runs.</summary>
    public EpisodeStatus Status { get; }

    /// <summary>Null = the status's own.</summary>
    public string? EndCause { get; }

    /// <summary>The score of its end.</summary>
    public double? ReportedScore { get; }

    /// <summary>Unix seconds.</summary>
    public double StartTime { get; }

    /// <summary>Unix seconds; null while it runs.</summary>
    public double? EndTime { get; }

    /// <summary>What a start has, as names and JSON texts, with id and time.</summary>
    public IReadOnlyList<(string Name, string Value)> Start { get; }

    /// <summary>The body of its start.</summary>
    public string StartBody => $"{{{string.Join(',', Start.Select(static part => $"\"{part.Name}\":{part.Value}"))}}}";

    /// <summary>The body of its end.</summary>
    public string EndBody => new JsonObject
    {
        ["status"] = Status.ToString().ToLowerInvariant(),
        ["next_ordinal"] = Steps.Count,
        ["end_cause"] = EndCause,
        ["final_score"] = Number(ReportedScore),
        ["end_time"] = EndTime,
    }.ToJsonString();

    /// <summary>The body of a score.</summary>
    public static string ScoreBody(ScoreEvent score) => new JsonObject
    {
        ["event_id"] = score.EventId,
        ["name"] = score.Name,
        ["value"] = Number(score.Value),
        ["source"] = score.Source,
        ["rationale"] = score.Rationale,
        ["metadata"] = score.Metadata is null ? null : JsonNode.Parse(score.Metadata),
        ["time"] = score.Time,
    }.ToJsonString();

    /// <summary>The steps as the edge encodes them.</summary>
    public EncodedSteps Encode(long receivedAt = 1_763_890_000_250_000) => Steps.Count == 0
        ? default
        : StepBatch.Encode(Encoding.UTF8.GetBytes(string.Join('\n', Steps)), ndjson: true, receivedAt);

    /// <summary>The record as the recorder would have it.</summary>
    public EpisodeRecord Record()
    {
        var start = Rollbook.StartBody.Read("default", Worker, null, Encoding.UTF8.GetBytes(StartBody));
        var final = Scores.LastOrDefault(static score => score.Name == ScoreEvent.Final);
        return new EpisodeRecord
        {
            Key = new EpisodeKey("default", Id),
            Worker = Worker,
            Task = start.Task,
            VariantId = start.VariantId,
            StartTime = StartTime,
            EndTime = EndTime,
            Status = Status,
            EndCause = EndCause,
            FinalScore = final is null ? ReportedScore : final.Value,
            ReportedScore = ReportedScore,
            TotalSteps = Steps.Count,
            StepCount = Steps.Count,
            Metadata = start.Metadata,
            InitialObservation = start.InitialObservation,
            GroupId = start.GroupId,
            Attempt = start.Attempt,
            Seed = start.Seed,
            PolicyVersion = start.PolicyVersion,
            Environment = start.Environment,
            ParentEpisodeId = start.ParentEpisodeId,
            DeadlineSeconds = start.DeadlineSeconds ?? 1800,
            Labels = Labels,
            ScoreCount = Scores.Count,
        };
    }

    private List<(string Name, string Value)> StartFields()
    {
        List<(string Name, string? Value)> fields =
        [
            ("task", Text(Pick(Words))), ("variant_id", Text(Pick(Words))), ("episode_id", Text(Id.ToString())),
            ("start_time", StartTime.ToString("R", CultureInfo.InvariantCulture)), ("group_id", Maybe(() => Text(Pick(Words)))),
            ("attempt", Maybe(() => $"{random.Next(9)}")), ("seed", Maybe(() => $"{random.NextInt64(long.MinValue, long.MaxValue)}")),
            ("policy_version", Maybe(() => Text(Pick(Words)))), ("environment", Maybe(() => Text(Pick(Words)))),
            ("parent_episode_id", Maybe(() => Text("01K00000000000000000000000"))), ("metadata", Maybe(Metadata)),
            // Null is none.
            ("initial_observation", Maybe(() => json.Value() is var value && value == "null" ? "[null]" : value)),
            ("deadline_seconds", Maybe(() => Pick(["1000", "86400", "600.5"]))),
        ];
        return [.. fields.Where(static part => part.Value is not null).Select(static part => (part.Name, part.Value!))];
    }

    // With and without what an import of a trajectory leaves there.
    private string Metadata() => random.Next(3) switch
    {
        0 => json.Object(3),
        1 => """{"environment":"swe_main","info":{"exit_status":"submitted","submission":"d\u00e9"},"replay_config":"{}"}""",
        _ => """{"environment":[1],"info":null,"replay_config":null}""",
    };

    private string Step()
    {
        var members = json.Step();
        Replace(members, "timestamp", ["\"NaN\"", "1e300", "-1e17", "1763890000.1234567"]);
        Replace(members, "response", ["\"\"", "\"r\\u00e9\""]);
        Replace(members, "observation_snapshot", ["\"\"", "\"text\\n\"", "null", "[]", "\"{}\""]);
        Replace(members, "extra",
        [
            """{"usage":{"prompt_tokens":12,"completion_tokens":3,"cost_usd":0.10}}""",
            """{"prompt_token_ids":[1,2,3],"completion_token_ids":[],"logprobs":[-0.1,-1e-7],"cached_tokens":4}""",
            """{"prompt_tokens":-1,"completion_tokens":"3","cost_usd":1e400,"logprobs":[null],"prompt_token_ids":[1.5]}""",
            """{"state":{"open_file":"n/a"},"query":[{"role":"user","content":"é"}],"execution_time":0.250,"extra_info":{"a":1},"tool_calls":[{"id":"x"}]}""",
            """{"state":"{}","query":7,"messages":[],"execution_time":"x","extra_info":[]}""",
        ]);
        return json.Members(members);
    }

    private void Replace(List<(string Name, string Value)> members, string name, string[] values)
    {
        var at = members.FindIndex(member => member.Name == name);
        if (at >= 0 && random.Next(2) == 0) members[at] = (name, Pick(values));
    }

    private ScoreEvent Score(int index) => new()
    {
        EventId = $"e-{index}",
        Name = Pick(["final", "tests", "judge"]),
        Value = Maybe<double?>(() => Pick<double>([0, 0.1, -2.5, double.NaN, double.NegativeInfinity])),
        Source = Pick(["unit-tests", "été \"q\""]),
        Rationale = Maybe(() => Pick(["", "line\nline", "\u0000"])),
        Metadata = Maybe(() => """{"n":1.5}"""),
        Time = 1_763_890_600 + random.Next(1000) / 8.0,
    };

    private static string Text(string text) => JsonValue.Create(text)!.ToJsonString();

    private static JsonNode? Number(double? value) => value switch
    {
        null => null,
        { } number when double.IsFinite(number) => JsonValue.Create(number),
        double.NaN => "NaN",
        > 0 => "Infinity",
        _ => "-Infinity",
    };

    private T? Maybe<T>(Func<T> make) => random.Next(3) == 0 ? default : make();

    private T Pick<T>(T[] from) => from[random.Next(from.Length)];
}
