using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Rollbook.Client;

namespace Rollbook.Cli;

/// <summary>An episode's record as what it takes to make the same episode.</summary>
internal static class ExportedRecord
{
    /// <exception cref="ImportException">A field is missing or is something else.</exception>
    public static ExportedEpisode Read(RawObject record)
    {
        var id = Required(record, "episode_id");
        return new ExportedEpisode
        {
            EpisodeId = id,
            Worker = Required(record, "worker"),
            Start = new EpisodeStart
            {
                Task = Required(record, "task"),
                VariantId = Required(record, "variant_id"),
                GroupId = record.Text("group_id"),
                Attempt = (int?)Integer(record, "attempt"),
                Seed = Integer(record, "seed"),
                PolicyVersion = record.Text("policy_version"),
                Environment = record.Text("environment"),
                ParentEpisodeId = record.Text("parent_episode_id"),
                Metadata = Raw(record, "metadata"),
                InitialObservation = Raw(record, "initial_observation"),
                EpisodeId = id,
                StartTime = record.Number("start_time"),
                DeadlineSeconds = record.Number("deadline_seconds"),
            },
            Status = Required(record, "status"),
            EndCause = record.Text("end_cause"),
            EndTime = record.Number("end_time"),
            // A record without events was written before there were any: its one score is the reported one.
            ReportedScore = record.Number(record.Has("reported_score") ? "reported_score" : "final_score"),
            Scores = Scores(record, id),
            Labels = Items(record, "labels").Select(JsonText.Read).ToList(),
            StepCount = Integer(record, "step_count") ?? throw new ImportException("its record has no \"step_count\"."),
        };
    }

    private static string Required(RawObject record, string name) => record.Text(name) is { Length: > 0 } text
        ? text
        : throw new ImportException($"its record has no \"{name}\": it is not what 'rollbook export' writes.");

    private static long? Integer(RawObject record, string name)
    {
        if (record.Text(name) is not { } text)
            return null;
        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new ImportException($"\"{name}\" of its record is not an integer.");
    }

    private static byte[] Raw(RawObject record, string name)
    {
        if (record[name] is not { } value)
            return [];
        var json = new ArrayBufferWriter<byte>();
        RawJson.Write(json, value);
        return json.WrittenSpan.ToArray();
    }

    private static IEnumerable<JsonElement> Items(RawObject record, string name) =>
        record[name] is { ValueKind: JsonValueKind.Array } items ? items.EnumerateArray() : [];

    private static List<ExportedScore> Scores(RawObject record, string episodeId)
    {
        var scores = new List<ExportedScore>();
        foreach (var item in Items(record, "scores"))
        {
            var json = new ArrayBufferWriter<byte>();
            json.Write("{\"episode_id\":\""u8);
            json.Write(System.Text.Encoding.UTF8.GetBytes(JsonEncodedText.Encode(episodeId).ToString()));
            json.Write("\""u8);
            string? eventId = null;
            foreach (var property in item.EnumerateObject())
            {
                if (property.NameEquals("event_id"))
                    eventId = JsonText.Read(property.Value);
                // What was left out comes as null, which no field but the value means.
                if (property.Value.ValueKind == JsonValueKind.Null && !property.NameEquals("value"))
                    continue;
                json.Write(",\""u8);
                json.Write(System.Runtime.InteropServices.JsonMarshal.GetRawUtf8PropertyName(property));
                json.Write("\":"u8);
                RawJson.Write(json, property.Value);
            }

            json.Write("}"u8);
            scores.Add(new ExportedScore(eventId ?? throw new ImportException("a score of its record has no \"event_id\"."), json.WrittenMemory));
        }

        return scores;
    }
}
