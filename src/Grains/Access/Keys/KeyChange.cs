namespace Rollbook.Access;

/// <summary>What became of a change of the ring.</summary>
[GenerateSerializer, Alias("rollbook.KeyChange")]
internal enum KeyChange
{
    /// <summary>It is durable.</summary>
    Done,

    /// <summary>There is no such key.</summary>
    NotFound,

    /// <summary>The key is revoked, expired or replaced already.</summary>
    NotValid,

    /// <summary>There are as many keys as there may be, or the ring has keys and was to have none.</summary>
    NoRoom,

    /// <summary>The storage has no room.</summary>
    StorageFull,
}
