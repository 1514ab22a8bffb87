namespace Rollbook.Access;

/// <summary>All API keys. Immutable: each change is a pure function that gives the next ring.</summary>
[GenerateSerializer, Immutable, Alias("rollbook.KeyRing")]
internal sealed record KeyRing
{
    /// <summary>How many keys there may be, revoked ones included until they are forgotten: their state fits into one row of any storage, about 0.6 MB.</summary>
    public const int MaxKeys = 2_000;

    // A list still shows a revoked or expired key for so long.
    private const long Remembered = 90L * 24 * 3600 * 1000;

    /// <summary>Grows with each change; 0 = no key was ever made.</summary>
    [Id(0)] public long Version { get; init; }

    /// <summary>The keys, oldest first.</summary>
    [Id(1)] public IReadOnlyList<KeyRecord> Keys { get; init; } = [];

    /// <summary>A key by its id.</summary>
    public KeyRecord? Find(string id) => Keys.FirstOrDefault(key => key.Id == id);

    /// <summary>With one more key; those that have long been of no use are forgotten. Null where there is no room.</summary>
    public KeyRing? Add(KeyRecord key)
    {
        var kept = Keys.Where(old => !(old.RevokedAt < key.CreatedAt - Remembered) && !(old.ExpiresAt < key.CreatedAt - Remembered)).ToList();
        return kept.Count < MaxKeys && kept.TrueForAll(old => old.Id != key.Id) ? Next([.. kept, key]) : null;
    }

    /// <summary>With a key in the place of another, which is accepted until a moment, or as long as it was, whatever is shorter. Null where there is no room.</summary>
    public KeyRing? Rotate(string id, KeyRecord successor, long until) =>
        Add(successor)?.Change(id, old => old with { ReplacedBy = successor.Id, ExpiresAt = Math.Min(old.ExpiresAt ?? long.MaxValue, until) });

    /// <summary>With a key that is accepted no more.</summary>
    public KeyRing Revoke(string id, long now) => Change(id, old => old with { RevokedAt = old.RevokedAt ?? now });

    /// <summary>With the times of newer uses; itself where none is newer.</summary>
    public KeyRing Used(IReadOnlyList<KeyUse> uses)
    {
        var newer = uses.Where(use => Find(use.Id) is { } key && !(key.LastUsedAt >= use.At)).ToDictionary(use => use.Id, use => use.At);
        return newer.Count == 0
            ? this
            : Next([.. Keys.Select(key => newer.TryGetValue(key.Id, out var at) ? key with { LastUsedAt = at } : key)]);
    }

    private KeyRing Change(string id, Func<KeyRecord, KeyRecord> change) => Next([.. Keys.Select(key => key.Id == id ? change(key) : key)]);

    private KeyRing Next(IReadOnlyList<KeyRecord> keys) => new() { Version = Version + 1, Keys = keys };
}
