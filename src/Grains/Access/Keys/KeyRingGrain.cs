using Rollbook.Loggers;
using Rollbook.StepLog;

namespace Rollbook.Access;

/// <summary>The shell of a <see cref="KeyRing"/>: one activation in the cluster, and a compare-and-swap of the storage should there be two.</summary>
[GrainType("keys")]
internal sealed class KeyRingGrain : Grain, IKeyRingGrain
{
    private readonly IPersistentState<KeyRing> state;
    private readonly TimeProvider time;

    public KeyRingGrain([PersistentState("keys", LoggerGrain.StorageName)] IPersistentState<KeyRing> state, TimeProvider time)
    {
        this.state = state;
        this.time = time;
    }

    private KeyRing Ring => state.State;

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <inheritdoc/>
    public Task<KeyRing?> Read(long known) => Task.FromResult(Ring.Version == known ? null : Ring);

    /// <inheritdoc/>
    public Task<KeyChange> Add(KeyRecord key, bool onlyFirst) =>
        onlyFirst && Ring.Version > 0 ? Task.FromResult(KeyChange.NoRoom) : WriteAsync(Ring.Add(key));

    /// <inheritdoc/>
    public Task<KeyChange> Rotate(string id, KeyRecord successor, long until)
    {
        if (Ring.Find(id) is not { } old) return Task.FromResult(KeyChange.NotFound);
        return old.IsValid(Now) && old.ReplacedBy is null ? WriteAsync(Ring.Rotate(id, successor, until)) : Task.FromResult(KeyChange.NotValid);
    }

    /// <inheritdoc/>
    public Task<KeyChange> Revoke(string id) => Ring.Find(id) switch
    {
        null => Task.FromResult(KeyChange.NotFound),
        { RevokedAt: not null } => Task.FromResult(KeyChange.Done),
        _ => WriteAsync(Ring.Revoke(id, Now)),
    };

    /// <inheritdoc/>
    public Task Used(IReadOnlyList<KeyUse> uses)
    {
        var next = Ring.Used(uses);
        return ReferenceEquals(next, Ring) ? Task.CompletedTask : WriteAsync(next);
    }

    private async Task<KeyChange> WriteAsync(KeyRing? next)
    {
        if (next is null) return KeyChange.NoRoom;
        var before = Ring;
        try
        {
            state.State = next;
            await state.WriteStateAsync();
            return KeyChange.Done;
        }
        catch (Exception failure)
        {
            // What is stored is not known: the next activation reads it anew, and who still asks this one sees nothing that may be undone.
            state.State = before;
            DeactivateOnIdle();
            if (failure is StorageFullException || failure.InnerException is StorageFullException) return KeyChange.StorageFull;
            throw;
        }
    }
}
