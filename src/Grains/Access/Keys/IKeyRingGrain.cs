using Orleans.Concurrency;

namespace Rollbook.Access;

/// <summary>
/// The API keys of the cluster, in the storage of the loggers; key 0. It sees hashes, never keys. Who may change what is decided before: nothing outside of
/// the silos can call it.
/// </summary>
[Alias("rollbook.IKeyRingGrain")]
internal interface IKeyRingGrain : IGrainWithIntegerKey
{
    /// <summary>The ring; null where the caller has it already.</summary>
    /// <param name="known">The version that the caller has; -1 = none.</param>
    [ReadOnly]
    Task<KeyRing?> Read(long known);

    /// <summary>Adds a key.</summary>
    /// <param name="key">The key.</param>
    /// <param name="onlyFirst">Only where no key was ever made.</param>
    Task<KeyChange> Add(KeyRecord key, bool onlyFirst);

    /// <summary>Puts a key in the place of another, which is accepted until a moment (Unix milliseconds).</summary>
    Task<KeyChange> Rotate(string id, KeyRecord successor, long until);

    /// <summary>Revokes a key; one that is revoked stays so.</summary>
    Task<KeyChange> Revoke(string id);

    /// <summary>Notes when keys were used.</summary>
    Task Used(IReadOnlyList<KeyUse> uses);
}
