using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Rollbook.Client;

/// <summary>The recorder's HTTP API, typed. Thread-safe; keep one per process.</summary>
/// <remarks>
/// A write returns when it is in stable storage. One whose outcome is unknown (no answer, a time-out, a 5xx, <c>busy</c>) is sent again as it
/// was, which can't duplicate: steps are known by episode and ordinal, starts by their idempotency key. What still fails after
/// <see cref="RollbookHttpOptions.GiveUpAfter"/>, and every final refusal, throws <see cref="RollbookException"/>. <c>worker_busy</c> is
/// thrown at once: waiting or taking over is the caller's choice.
/// </remarks>
public sealed partial class RollbookHttpClient : IDisposable
{
    private static readonly MediaTypeHeaderValue Json = new("application/json");
    private static readonly MediaTypeHeaderValue Bytes = new("application/octet-stream");
    private static readonly MediaTypeHeaderValue NdJson = new("application/x-ndjson");

    private readonly HttpClient _http;
    private readonly HttpTries _tries;
    private readonly HttpStreams _streams;
    private readonly HttpBatches _batches;
    private readonly RollbookHttpOptions _options;

    /// <summary>Makes a client with connections of its own.</summary>
    public RollbookHttpClient(RollbookHttpOptions? options = null)
        : this(options ?? new(), null)
    {
    }

    /// <summary>Makes a client over <paramref name="handler"/>, which stays the caller's.</summary>
    public RollbookHttpClient(RollbookHttpOptions options, HttpMessageHandler? handler)
    {
        ArgumentNullException.ThrowIfNull(options);
        // A proxy of the environment can't reach the caller's own loopback.
        _http = new HttpClient(handler ?? new SocketsHttpHandler { UseProxy = !options.BaseAddress.IsLoopback }, disposeHandler: handler is null)
        {
            BaseAddress = options.BaseAddress,
            Timeout = Timeout.InfiniteTimeSpan,
        };
        if (options.ApiKey is not null)
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", options.ApiKey);
        _tries = new HttpTries(_http, options);
        _streams = new HttpStreams(_tries, options);
        _batches = new HttpBatches(_tries, options);
        _options = options;
        Keys = new RecorderKeys(_tries);
    }

    /// <summary>The recorder's API keys.</summary>
    public RecorderKeys Keys { get; }

    /// <summary>Starts an episode.</summary>
    /// <param name="worker">The worker, <c>[A-Za-z0-9._~:@+-]{1,128}</c>.</param>
    /// <param name="start">What it starts with.</param>
    /// <param name="idempotencyKey">1–128 characters; the same key and body give the same episode. Null mints one for this call's own retries.</param>
    /// <param name="cancellationToken">Cancels the wait; the outcome is then unknown.</param>
    public Task<StartedEpisode> StartAsync(
        string worker, EpisodeStart start, string? idempotencyKey = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(start);
        return StartAsync(worker, start.ToJson(), idempotencyKey ?? RandomNumberGenerator.GetHexString(32, lowercase: true), cancellationToken);
    }

    /// <summary>Starts an episode with a body that was written down before, as it stands.</summary>
    public Task<StartedEpisode> StartAsync(
        string worker, ReadOnlyMemory<byte> body, string idempotencyKey, CancellationToken cancellationToken = default) =>
        PostAsync($"v1/workers/{Part(worker)}/episodes", body, Json, HttpJson.Default.StartedEpisode, cancellationToken, idempotencyKey);

    /// <summary>Appends steps; returns when all of them are durable.</summary>
    /// <param name="episodeId">The episode.</param>
    /// <param name="from">The ordinal of the first of them.</param>
    /// <param name="ndjson">One step a line, JSON objects in UTF-8 without line breaks inside; at most 16 MiB and 10,000 steps. Not to be changed before the call returns.</param>
    /// <param name="writerEpoch">The epoch of the start or resume reply; null writes unfenced.</param>
    /// <param name="cancellationToken">Cancels the wait; the outcome is then unknown.</param>
    public Task<AppendedSteps> AppendAsync(
        string episodeId, long from, ReadOnlyMemory<byte> ndjson, long? writerEpoch = null, CancellationToken cancellationToken = default)
    {
        var path = $"v1/episodes/{Part(episodeId)}/steps?from={from}" + (writerEpoch is null ? "" : $"&writer_epoch={writerEpoch}");
        return PostAsync(path, ndjson, NdJson, HttpJson.Default.AppendedSteps, cancellationToken);
    }

    /// <summary>Appends steps to many episodes with one durable wait; one episode's refusal fails no other.</summary>
    /// <param name="runs">At most 1,000 episodes, 10,000 steps and 16 MiB in all.</param>
    /// <param name="cancellationToken">Cancels the wait; outcomes are then unknown.</param>
    /// <returns>
    /// An outcome per episode, in the order of <paramref name="runs"/>. Those that stayed unknown for <see cref="RollbookHttpOptions.GiveUpAfter"/>
    /// have <see cref="AppendOutcome.Retry"/>.
    /// </returns>
    public async Task<IReadOnlyList<AppendOutcome>> AppendManyAsync(IReadOnlyList<StepRun> runs, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(runs);
        var outcomes = new Dictionary<string, AppendOutcome>(StringComparer.OrdinalIgnoreCase);
        await foreach (var outcome in _batches.SendAsync(HttpBatchKinds.Appends(runs), cancellationToken).ConfigureAwait(false))
            outcomes.Add(outcome.EpisodeId, outcome);
        return [.. runs.Select(run => outcomes[run.EpisodeId])];
    }

    /// <summary>Ends an episode.</summary>
    public Task<EndedEpisode> EndAsync(string episodeId, EpisodeEnd end, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(end);
        return EndAsync(episodeId, end.ToJson(), cancellationToken);
    }

    /// <summary>Ends an episode with a body that was written down before, as it stands.</summary>
    public Task<EndedEpisode> EndAsync(string episodeId, ReadOnlyMemory<byte> body, CancellationToken cancellationToken = default) =>
        PostAsync($"v1/episodes/{Part(episodeId)}/end", body, Json, HttpJson.Default.EndedEpisode, cancellationToken);

    /// <summary>Ends an episode by request, as <c>aborted</c>.</summary>
    public Task<EndedEpisode> AbortAsync(string episodeId, string? cause, CancellationToken cancellationToken = default)
    {
        var body = HttpBodies.Write(writer => HttpBodies.Optional(writer, "cause", cause));
        return PostAsync($"v1/episodes/{Part(episodeId)}/abort", body, Json, HttpJson.Default.EndedEpisode, cancellationToken);
    }

    /// <summary>Becomes the writer of a running episode, or re-opens a <c>lost</c> one.</summary>
    public Task<ResumedEpisode> ResumeAsync(
        string episodeId, string worker, string? writer = null, bool takeover = false, CancellationToken cancellationToken = default)
    {
        var body = HttpBodies.Write(json =>
        {
            json.WriteString("worker", worker);
            HttpBodies.Optional(json, "writer", writer);
            json.WriteBoolean("takeover", takeover);
        });
        return PostAsync($"v1/episodes/{Part(episodeId)}/resume", body, Json, HttpJson.Default.ResumedEpisode, cancellationToken);
    }

    /// <summary>Tells the recorder that a long silence is work, so that no deadline ends the episodes.</summary>
    /// <param name="episodes">1 to 1,000 of them.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>What became of each, in the same order.</returns>
    public async Task<IReadOnlyList<HeartbeatState>> HeartbeatAsync(IReadOnlyList<Heartbeat> episodes, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(episodes);
        var body = HttpBodies.Write(json =>
        {
            json.WriteStartArray("episodes");
            foreach (var episode in episodes)
            {
                json.WriteStartObject();
                json.WriteString("episode_id", episode.EpisodeId);
                HttpBodies.Optional(json, "writer_epoch", episode.WriterEpoch);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        });
        return (await PostAsync("v1/heartbeat", body, Json, HttpJson.Default.HeartbeatStates, cancellationToken).ConfigureAwait(false)).Episodes;
    }

    /// <summary>Scores an episode; in any status, once per <see cref="EpisodeScore.EventId"/>.</summary>
    public Task<ScoredEpisode> ScoreAsync(string episodeId, EpisodeScore score, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(score);
        return ScoreAsync(episodeId, score.ToJson(), cancellationToken);
    }

    /// <summary>Scores an episode with a body that was written down before, as it stands.</summary>
    public Task<ScoredEpisode> ScoreAsync(string episodeId, ReadOnlyMemory<byte> body, CancellationToken cancellationToken = default) =>
        PostAsync($"v1/episodes/{Part(episodeId)}/scores", body, Json, HttpJson.Default.ScoredEpisode, cancellationToken);

    /// <summary>Scores many episodes; the outcomes come as they are known, in any order. One line's refusal fails no other.</summary>
    /// <param name="lines">A score each: JSON objects in UTF-8 without line breaks, with <c>episode_id</c> beside the fields of a score; at most 10,000 and 16 MiB.</param>
    /// <param name="cancellationToken">Ends the wait; outcomes that did not come are unknown.</param>
    public IAsyncEnumerable<ScoreOutcome> ScoreManyAsync(IReadOnlyList<ReadOnlyMemory<byte>> lines, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(lines);
        return _batches.SendAsync(HttpBatchKinds.Scores(lines), cancellationToken);
    }

    /// <summary>Adds and removes labels; in any status, once per <see cref="LabelChange.EventId"/>.</summary>
    public Task<LabelledEpisode> LabelAsync(string episodeId, LabelChange change, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(change);
        return LabelAsync(episodeId, change.ToJson(), cancellationToken);
    }

    /// <summary>Adds and removes labels with a body that was written down before, as it stands.</summary>
    public Task<LabelledEpisode> LabelAsync(string episodeId, ReadOnlyMemory<byte> body, CancellationToken cancellationToken = default) =>
        PostAsync($"v1/episodes/{Part(episodeId)}/labels", body, Json, HttpJson.Default.LabelledEpisode, cancellationToken);

    /// <summary>Sets fields that the episode has not got yet; <c>field_conflict</c> where one has another value, and then nothing is set.</summary>
    /// <returns>The record, without its steps.</returns>
    public Task<EpisodeInfo> SetFieldsAsync(string episodeId, EpisodeFields fields, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(fields);
        return SendAsync(HttpMethod.Patch, $"v1/episodes/{Part(episodeId)}", fields.ToJson(), Json, HttpJson.Default.EpisodeInfo, cancellationToken);
    }

    /// <summary>Reads an episode's record, without its steps.</summary>
    public Task<EpisodeInfo> GetEpisodeAsync(string episodeId, CancellationToken cancellationToken = default) =>
        GetAsync($"v1/episodes/{Part(episodeId)}?steps=false", HttpJson.Default.EpisodeInfo, cancellationToken);

    /// <summary>Reads an episode's record as the JSON that the recorder sent, by default without its steps.</summary>
    public Task<byte[]> GetEpisodeJsonAsync(string episodeId, bool steps = false, CancellationToken cancellationToken = default) =>
        GetBytesAsync($"v1/episodes/{Part(episodeId)}{(steps ? "" : "?steps=false")}", cancellationToken);

    /// <summary>Reads the actions of an episode, to be played again, as the JSON array that the recorder sent.</summary>
    public Task<byte[]> GetReplayActionsJsonAsync(string episodeId, CancellationToken cancellationToken = default) =>
        GetBytesAsync($"v1/episodes/{Part(episodeId)}/replay-actions", cancellationToken);

    /// <summary>Streams an episode's recorded steps in order; a broken connection is opened again where it broke.</summary>
    /// <param name="episodeId">The episode.</param>
    /// <param name="from">The first ordinal.</param>
    /// <param name="limit">At most so many; null: all.</param>
    /// <param name="cancellationToken">Ends the stream.</param>
    public IAsyncEnumerable<StepLine> ReadStepsAsync(
        string episodeId, long from = 0, long? limit = null, CancellationToken cancellationToken = default) =>
        _streams.ReadStepsAsync($"v1/episodes/{Part(episodeId)}/steps", from, limit, cancellationToken);

    /// <summary>
    /// Streams an episode's steps from <paramref name="from"/>, then live, then its ending, after which the stream is over. A lost
    /// connection is resumed by <c>Last-Event-ID</c>: every step comes once, in order.
    /// </summary>
    public IAsyncEnumerable<LiveEvent> WatchAsync(string episodeId, long from = 0, CancellationToken cancellationToken = default) =>
        _streams.WatchAsync($"v1/episodes/{Part(episodeId)}/live", from, cancellationToken);

    /// <summary>Copies episodes, as a file of one of the recorder's export formats, into a stream.</summary>
    /// <param name="format"><c>jsonl</c>, <c>atif</c>, <c>sts</c>, <c>traj</c> or <c>reference</c>.</param>
    /// <param name="episodeIds">1 to 250 ids. One alone gives that episode's file; of several, sts and traj give a zip archive, the others all lines, ordered by id.</param>
    /// <param name="destination">Gets the file from its position on. Where it can seek, an answer that breaks is begun anew; else that throws.</param>
    /// <param name="received">Told of the bytes so far; of fewer again where it is begun anew.</param>
    /// <param name="cancellationToken">Ends the copy; the destination then has a beginning.</param>
    public Task ExportAsync(
        string format, IReadOnlyList<string> episodeIds, Stream destination, Action<long>? received = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(episodeIds);
        ArgumentNullException.ThrowIfNull(destination);
        if (episodeIds.Count is < 1 or > 250)
            throw new ArgumentException("1 to 250 episodes can be named at once.", nameof(episodeIds));
        var ids = string.Join(',', episodeIds.Select(Uri.EscapeDataString));
        return _streams.CopyAsync($"v1/export?format={Uri.EscapeDataString(format)}&episode_id={ids}", destination, received ?? (_ => { }), cancellationToken);
    }

    /// <summary>Copies the episodes of a filter, ordered by id, as a file of one of the recorder's export formats, into a stream.</summary>
    /// <param name="format"><c>jsonl</c>, <c>atif</c>, <c>sts</c>, <c>traj</c>, <c>reference</c> or <c>parquet</c>.</param>
    /// <param name="parameters">Filters, <c>episode_id</c>, <c>after</c> and <c>table</c>, by the API's names; a name may come several times.</param>
    /// <param name="destination">Gets the file from its position on. Where it can seek, an answer that breaks is begun anew; else that throws.</param>
    /// <param name="received">Told of the bytes so far; of fewer again where it is begun anew.</param>
    /// <param name="cancellationToken">Ends the copy; the destination then has a beginning.</param>
    public Task ExportAsync(
        string format, IEnumerable<KeyValuePair<string, string>> parameters, Stream destination, Action<long>? received = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentNullException.ThrowIfNull(destination);
        return _streams.CopyAsync("v1/export" + Query([KeyValuePair.Create("format", format), .. parameters]), destination, received ?? (_ => { }), cancellationToken);
    }

    /// <summary>Keeps a large value, which steps then name as <c>{"$blob": sha256, "bytes": n, "media_type": …}</c>; once, however often it is sent.</summary>
    /// <param name="sha256">The SHA-256 of the bytes, 64 lower-case hexadecimal digits; the recorder computes it as well and refuses another (<c>bad_hash</c>).</param>
    /// <param name="value">At most 64 MiB. Not to be changed before the call returns.</param>
    /// <param name="cancellationToken">Cancels the wait; the outcome is then unknown.</param>
    public Task<KeptBlob> PutBlobAsync(string sha256, ReadOnlyMemory<byte> value, CancellationToken cancellationToken = default) =>
        SendAsync(HttpMethod.Put, $"v1/blobs/{Part(sha256)}", value, Bytes, HttpJson.Default.KeptBlob, cancellationToken);

    /// <summary>Copies a large value into a stream.</summary>
    /// <param name="sha256">Its name.</param>
    /// <param name="destination">Gets the bytes from its position on. Where it can seek, an answer that breaks is begun anew; else that throws.</param>
    /// <param name="cancellationToken">Ends the copy; the destination then has a beginning.</param>
    public Task CopyBlobAsync(string sha256, Stream destination, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(destination);
        return _streams.CopyAsync($"v1/blobs/{Part(sha256)}", destination, static _ => { }, cancellationToken);
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    // "." and ".." are steps of a path to every URL parser, escaped or not.
    private static string Part(string name) => name is null or "" or "." or ".."
        ? throw new ArgumentException("A worker or episode needs a name other than '.' and '..'.", nameof(name))
        : Uri.EscapeDataString(name);

    private static string Query(IEnumerable<KeyValuePair<string, string>> parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        var text = string.Join('&', parameters.Select(pair => $"{Uri.EscapeDataString(pair.Key)}={Uri.EscapeDataString(pair.Value)}"));
        return text.Length == 0 ? "" : "?" + text;
    }

    private Task<T> PostAsync<T>(
        string path, ReadOnlyMemory<byte> body, MediaTypeHeaderValue type, JsonTypeInfo<T> reply, CancellationToken cancellationToken,
        string? idempotencyKey = null) => SendAsync(HttpMethod.Post, path, body, type, reply, cancellationToken, idempotencyKey);

    private Task<T> SendAsync<T>(
        HttpMethod method, string path, ReadOnlyMemory<byte> body, MediaTypeHeaderValue type, JsonTypeInfo<T> reply,
        CancellationToken cancellationToken, string? idempotencyKey = null) =>
        _tries.SendAsync(
            () =>
            {
                var content = new ReadOnlyMemoryContent(body);
                content.Headers.ContentType = type;
                var message = new HttpRequestMessage(method, path) { Content = content };
                if (idempotencyKey is not null)
                    message.Headers.Add("Idempotency-Key", idempotencyKey);
                return message;
            },
            (response, token) => ReadAsync(response, reply, token),
            keepOpen: false,
            cancellationToken);

    private Task<T> GetAsync<T>(string path, JsonTypeInfo<T> reply, CancellationToken cancellationToken) =>
        _tries.SendAsync(
            () => new HttpRequestMessage(HttpMethod.Get, path), (response, token) => ReadAsync(response, reply, token), keepOpen: false,
            cancellationToken);

    private Task<byte[]> GetBytesAsync(string path, CancellationToken cancellationToken) =>
        _tries.SendAsync(
            () => new HttpRequestMessage(HttpMethod.Get, path), (response, token) => response.Content.ReadAsByteArrayAsync(token),
            keepOpen: false, cancellationToken);

    private static async Task<T> ReadAsync<T>(HttpResponseMessage response, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        // Whole before parsed: a cut body is a lost answer, not a bad one.
        var body = await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
        return JsonSerializer.Deserialize(body, type) ?? throw new JsonException("null where an object was promised.");
    }
}
