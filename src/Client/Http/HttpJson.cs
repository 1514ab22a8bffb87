using System.Text.Json.Serialization;

namespace Rollbook.Client;

/// <summary>The replies that the client reads, in the API's spelling.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    NumberHandling = JsonNumberHandling.AllowReadingFromString | JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(StartedEpisode))]
[JsonSerializable(typeof(AppendedSteps))]
[JsonSerializable(typeof(EndedEpisode))]
[JsonSerializable(typeof(ResumedEpisode))]
[JsonSerializable(typeof(EpisodeInfo))]
[JsonSerializable(typeof(WorkerInfo))]
[JsonSerializable(typeof(ScoredEpisode))]
[JsonSerializable(typeof(ScoreOutcome))]
[JsonSerializable(typeof(LabelledEpisode))]
[JsonSerializable(typeof(AppendOutcome))]
[JsonSerializable(typeof(HeartbeatStates))]
[JsonSerializable(typeof(KeptBlob))]
[JsonSerializable(typeof(HttpProblem))]
internal sealed partial class HttpJson : JsonSerializerContext;

/// <summary>Problem details of the API.</summary>
internal sealed record HttpProblem(
    string? Title, string? Detail, string? Code, bool? Retry, long? Expected, string? Pointer, long? Line, long? Column);

/// <summary>The reply to a heartbeat.</summary>
internal sealed record HeartbeatStates(IReadOnlyList<HeartbeatState> Episodes);
