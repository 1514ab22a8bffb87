namespace Rollbook.Client;

/// <summary>Labels that an episode gets or loses, in any status.</summary>
public sealed record LabelChange
{
    /// <summary>1–128 characters of <c>[A-Za-z0-9._~:@+-]</c>. The same event sent again counts once; another body under it is <c>score_conflict</c>.</summary>
    public required string EventId { get; init; }

    /// <summary>Labels to add: each 1–128 printable characters, at most 256 an episode.</summary>
    public IReadOnlyList<string> Add { get; init; } = [];

    /// <summary>Labels to take away.</summary>
    public IReadOnlyList<string> Remove { get; init; } = [];

    /// <summary>The body of the request.</summary>
    public byte[] ToJson() => HttpBodies.Write(writer =>
    {
        writer.WriteString("event_id", EventId);
        HttpBodies.Texts(writer, "add", Add);
        HttpBodies.Texts(writer, "remove", Remove);
    });
}
