using System.Text;

namespace Rollbook;

/// <summary>A score event as it is sent.</summary>
internal static class ScoreBody
{
    private static readonly string[] Fields = ["event_id", "name", "value", "source", "rationale", "metadata", "time"];
    private static readonly string[] LineFields = ["episode_id", .. Fields];

    /// <summary>Reads the body of one.</summary>
    /// <exception cref="BadJsonException">It is not what it should be.</exception>
    /// <exception cref="TooLargeException">It is over the limit of an event.</exception>
    public static ScoreEvent Read(ReadOnlySpan<byte> body)
    {
        CheckLength(body);
        return Of(JsonFields.Read(body, Fields));
    }

    /// <summary>Reads a line of many, which names its episode too.</summary>
    /// <exception cref="BadJsonException">It is not what it should be.</exception>
    /// <exception cref="TooLargeException">It is over the limit of an event.</exception>
    public static (EpisodeId Episode, ScoreEvent Score) ReadLine(ReadOnlySpan<byte> line)
    {
        CheckLength(line);
        var fields = JsonFields.Read(line, LineFields);
        return (JsonFields.Required("episode_id", fields.Episode("episode_id")), Of(fields));
    }

    /// <summary>Refuses an event that is over its limit.</summary>
    /// <exception cref="TooLargeException">It is.</exception>
    public static void CheckLength(ReadOnlySpan<byte> sent)
    {
        if (sent.Length > EventRules.MaxEventBytes) throw new TooLargeException($"An event has at most {EventRules.MaxEventBytes:N0} bytes.");
    }

    /// <summary>The id that a score or label event must have.</summary>
    /// <exception cref="BadJsonException">It has none, or another form.</exception>
    public static string EventId(JsonFields fields) => Name(fields, "event_id", EventRules.MaxEventId);

    private static ScoreEvent Of(JsonFields fields)
    {
        if (!fields.Has("value")) throw JsonFields.Wrong("value", "is required: null says that it is not scored");
        var source = JsonFields.Required("source", fields.Text("source"));
        if (!EventRules.IsPrintable(source, EventRules.MaxSource)) throw JsonFields.Wrong("source", "must be 1 to 256 printable characters");
        var rationale = fields.Text("rationale");
        if (rationale is not null && Encoding.UTF8.GetByteCount(rationale) > EventRules.MaxRationaleBytes)
            throw new TooLargeException($"A rationale has at most {EventRules.MaxRationaleBytes:N0} bytes.");
        return new ScoreEvent
        {
            EventId = EventId(fields),
            Name = Name(fields, "name", EventRules.MaxName),
            Value = fields.Number("value", named: true),
            Source = source,
            Rationale = rationale,
            Metadata = fields.Raw("metadata", mustBeObject: true),
            Time = fields.Number("time", named: false),
        };
    }

    private static string Name(JsonFields fields, string field, int longest)
    {
        var name = JsonFields.Required(field, fields.Text(field));
        return EventRules.IsName(name, longest) ? name : throw JsonFields.Wrong(field, $"must be 1 to {longest} characters of A-Z a-z 0-9 . _ ~ : @ + -");
    }
}
