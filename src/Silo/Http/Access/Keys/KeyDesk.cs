using Rollbook.Access;

namespace Rollbook.Silo.Http;

/// <summary>Changes keys in a caller's name.</summary>
internal sealed class KeyDesk(IGrainFactory grains, KeyCopy copy, AuditTrail audit, TimeProvider time)
{
    /// <summary>Unix milliseconds.</summary>
    public long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    private IKeyRingGrain Ring => grains.GetGrain<IKeyRingGrain>(0);

    /// <summary>All keys as they are stored now.</summary>
    public async Task<KeyRing> ReadAsync() => (await Ring.Read(-1))!;

    /// <summary>Makes a key.</summary>
    /// <returns>What is stored, and the key itself.</returns>
    public async Task<(KeyRecord Record, string Key)> CreateAsync(KeyRecord wanted, HttpContext http)
    {
        var (record, key) = New(wanted);
        await DoneAsync(await Ring.Add(record, onlyFirst: false));
        await audit.NoteAsync(http, CallerProject.CallerOf(http), "key.created", Text(record));
        return (record, key);
    }

    /// <summary>Makes a key in the place of another of the caller's.</summary>
    public async Task<(KeyRecord Record, string Key)> RotateAsync(string id, long overlap, long? life, HttpContext http)
    {
        var now = Now;
        var old = await OwnAsync(id, http);
        var (record, key) = New(old with
        {
            CreatedAt = now,
            CreatedBy = CallerProject.CallerOf(http).Name,
            ExpiresAt = now + life,
            RevokedAt = null,
            ReplacedBy = null,
            LastUsedAt = null,
        });
        await DoneAsync(await Ring.Rotate(id, record, now + overlap));
        await audit.NoteAsync(http, CallerProject.CallerOf(http), "key.created", $"{Text(record)}, for {id}");
        return (record, key);
    }

    /// <summary>Revokes a key of the caller's.</summary>
    public async Task<KeyRecord> RevokeAsync(string id, HttpContext http)
    {
        await OwnAsync(id, http);
        await DoneAsync(await Ring.Revoke(id));
        return await OwnAsync(id, http);
    }

    /// <summary>Makes an administrator's key; null where there are keys already and it was to be the first.</summary>
    public async Task<string?> CreateAdminAsync(bool onlyFirst)
    {
        var (record, key) = New(new KeyRecord
        {
            Id = "",
            Hash = [],
            Name = onlyFirst ? "first administrator" : "administrator",
            Project = ProjectName.All,
            Scopes = AccessScopes.All,
            CreatedAt = Now,
            CreatedBy = "start",
        });
        var change = await Ring.Add(record, onlyFirst);
        if (onlyFirst && change == KeyChange.NoRoom) return null;
        await DoneAsync(change);
        audit.Note("key.created", Text(record));
        return key;
    }

    private static (KeyRecord Record, string Key) New(KeyRecord wanted)
    {
        var (id, key, hash) = ApiKey.New();
        return (wanted with { Id = id, Hash = hash }, key);
    }

    private static string Text(KeyRecord key) => $"{key.Id}: {ScopeNames.Text(key.Scopes, " ")} in {key.Project}";

    // Another project's key answers as one that there is not.
    private async Task<KeyRecord> OwnAsync(string id, HttpContext http) =>
        (await ReadAsync()).Find(id) is { } key && CallerProject.CallerOf(http).Manages(key.Project) ? key : throw NotFound();

    private async Task DoneAsync(KeyChange change)
    {
        if (change != KeyChange.Done)
        {
            throw change switch
            {
                KeyChange.NotFound => NotFound(),
                KeyChange.NotValid => new RefusedException(ProblemKind.KeyNotValid, "The key is revoked, expired, or rotated already: make a new one."),
                KeyChange.NoRoom => new RefusedException(ProblemKind.TooLarge, $"There are {KeyRing.MaxKeys:N0} keys, which is the most. Revoke some; they are forgotten after 90 days."),
                _ => new RefusedException(ProblemKind.Of(RollbookCode.Busy), "The storage has no room for a change of the keys. Nothing was changed."),
            };
        }

        await copy.RenewAsync();
    }

    private static RefusedException NotFound() => new(ProblemKind.KeyNotFound, "Check the id: rollbook keys list shows them.");
}
