namespace Rollbook.Access;

/// <summary>A key as a silo holds it.</summary>
internal sealed class HeldKey(KeyRecord record)
{
    // Uses are told by the minute: a finer mark would be written more often than anybody reads it.
    private const long Grain = 60_000;

    private long lastUsed = record.LastUsedAt ?? 0;

    /// <summary>What is stored of it.</summary>
    public KeyRecord Record => record;

    /// <summary>Who calls with it.</summary>
    public Caller Caller { get; } = Caller.Of($"key:{record.Id}", record.Project, record.Scopes) with
    {
        RequestsPerSecond = record.RequestsPerSecond,
        BytesPerSecond = record.BytesPerSecond,
    };

    /// <summary>When it was last used, Unix milliseconds; 0 = never.</summary>
    public long LastUsed => Volatile.Read(ref lastUsed);

    /// <summary>Why it is not accepted at a moment (Unix milliseconds), a sentence with its cure; null = it is.</summary>
    public string? Refusal(long now) => record switch
    {
        { RevokedAt: not null } => "The API key was revoked. Ask for a new one.",
        _ when record.IsValid(now) => null,
        { ReplacedBy: not null } => "The API key has expired: another took its place by a rotation. Use that one.",
        _ => "The API key has expired. Ask for a new one.",
    };

    /// <summary>Notes a use.</summary>
    public void Touch(long now)
    {
        if (now - Volatile.Read(ref lastUsed) >= Grain) Volatile.Write(ref lastUsed, now);
    }
}
