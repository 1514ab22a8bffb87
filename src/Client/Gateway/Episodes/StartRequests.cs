using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Rollbook.Client;

/// <summary>What a start sends. The gateway has no edge in front that would check it, so the rules of the HTTP contract are checked here.</summary>
internal static class StartRequests
{
    private const int MaxNameCharacters = 256;
    private const int MaxCause = 1_000;

    /// <summary>Limit of a start's JSON, as over HTTP.</summary>
    private const int MaxJsonBytes = 1024 * 1024;

    private static readonly SearchValues<char> Allowed =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._~:@+-");

    /// <summary>The fields that say what the episode is, in the order in which the recorder's edge hashes them.</summary>
    private static readonly string[] Hashed =
    [
        "task", "variant_id", "group_id", "attempt", "seed", "policy_version", "environment", "parent_episode_id", "metadata",
        "initial_observation", "episode_id", "start_time", "deadline_seconds",
    ];

    /// <summary>The request of a start.</summary>
    /// <exception cref="BadStepException">A field is not what it should be.</exception>
    public static StartEpisode Of(string project, string worker, EpisodeStart start, string writer)
    {
        ArgumentNullException.ThrowIfNull(start);
        Name("task", start.Task ?? throw Wrong("task", "is required"));
        Name("variant_id", start.VariantId ?? throw Wrong("variant_id", "is required"));
        Name("group_id", start.GroupId);
        Name("policy_version", start.PolicyVersion);
        Name("environment", start.Environment);
        if (start.Attempt < 0) throw Wrong("attempt", "must be 0 or more");
        if (start.StartTime is { } time && !double.IsFinite(time)) throw Wrong("start_time", "must be finite");
        if (start.DeadlineSeconds is < 1 or > 2_592_000) throw Wrong("deadline_seconds", "must be 1 to 2,592,000");
        if (start.Writer is { } given && !IsName(given, 64)) throw Wrong("writer", "must be 1 to 64 characters of A-Z a-z 0-9 . _ ~ : @ + -");
        var fields = Fields(start);
        return new StartEpisode
        {
            Project = project,
            Worker = worker,
            Task = start.Task,
            VariantId = start.VariantId,
            EpisodeId = Episode("episode_id", start.EpisodeId),
            StartTime = start.StartTime,
            GroupId = start.GroupId,
            Attempt = start.Attempt,
            Seed = start.Seed,
            PolicyVersion = start.PolicyVersion,
            Environment = start.Environment,
            ParentEpisodeId = Episode("parent_episode_id", start.ParentEpisodeId),
            Metadata = Raw(fields, "metadata", mustBeObject: true),
            InitialObservation = Raw(fields, "initial_observation", mustBeObject: false),
            DeadlineSeconds = start.DeadlineSeconds,
            Writer = start.Writer ?? writer,
            Takeover = start.Takeover,
            BodyHash = Hash(fields),
        };
    }

    /// <summary>Checks a worker's name.</summary>
    /// <exception cref="ArgumentException">It is not <c>[A-Za-z0-9._~:@+-]{1,128}</c>.</exception>
    public static string Worker(string worker)
    {
        ArgumentNullException.ThrowIfNull(worker);
        return IsName(worker, 128)
            ? worker
            : throw new ArgumentException($"'{worker}' can't name a worker: give 1 to 128 characters of A-Z a-z 0-9 . _ ~ : @ + -", nameof(worker));
    }

    /// <summary>Checks why an episode ended.</summary>
    /// <exception cref="BadStepException">It is too long, or empty.</exception>
    public static string? Cause(string? cause) =>
        cause is null or { Length: >= 1 and <= MaxCause } ? cause : throw Wrong("end_cause", "must have 1 to 1,000 characters");

    private static Dictionary<string, byte[]> Fields(EpisodeStart start)
    {
        byte[] body;
        try
        {
            body = start.ToJson();
            if (body.Length > MaxJsonBytes) throw BadStepException.TooLarge($"A start has 1 MiB at most; this one has {body.Length:N0} bytes. Large values belong into a step.");
            var fields = new Dictionary<string, byte[]>();
            var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = JsonText.MaxDepth });
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var name = reader.GetString()!;
                reader.Read();
                var type = reader.TokenType;
                var from = (int)reader.TokenStartIndex;
                JsonText.Skip(ref reader);
                var raw = body.AsSpan(from, (int)reader.BytesConsumed - from);
                var json = new byte[raw.Length];
                if (type != JsonTokenType.Null) fields[name] = json[..JsonText.Compact(raw, json)];
            }

            return fields;
        }
        catch (Exception error) when (error is JsonException or JsonFault or ArgumentException)
        {
            throw new BadStepException($"The metadata or the initial observation is not JSON: {error.Message}", "", null, error);
        }
    }

    private static string? Raw(Dictionary<string, byte[]> fields, string name, bool mustBeObject)
    {
        if (!fields.TryGetValue(name, out var json)) return null;
        if (mustBeObject && json[0] != '{') throw Wrong(name, "must be an object");
        if (JsonPointers.FirstInvalidUtf8(json) >= 0) throw Wrong(name, "must be UTF-8");
        return Encoding.UTF8.GetString(json);
    }

    private static UInt128 Hash(Dictionary<string, byte[]> fields)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var name in Hashed)
        {
            if (!fields.TryGetValue(name, out var json)) continue;
            hash.AppendData(Encoding.UTF8.GetBytes($"\"{name}\":"));
            hash.AppendData(json);
            hash.AppendData(","u8);
        }

        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        hash.GetHashAndReset(digest);
        return BinaryPrimitives.ReadUInt128BigEndian(digest);
    }

    private static void Name(string field, string? text)
    {
        if (text is null) return;
        var count = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            count++;
            if (Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator)
                throw Wrong(field, "must have no control characters");
        }

        if (count is < 1 or > MaxNameCharacters) throw Wrong(field, "must have 1 to 256 characters");
    }

    private static EpisodeId? Episode(string field, string? id)
    {
        if (id is null) return null;
        return EpisodeId.TryParse(id, out var parsed) ? parsed : throw Wrong(field, "must be a ULID of 26 characters");
    }

    private static bool IsName(string text, int max) => text.Length > 0 && text.Length <= max && !text.AsSpan().ContainsAnyExcept(Allowed);

    private static BadStepException Wrong(string field, string rule) => new($"{field} {rule}.", $"/{field}");
}
