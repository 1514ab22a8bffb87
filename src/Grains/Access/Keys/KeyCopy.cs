using System.Collections.Frozen;

namespace Rollbook.Access;

/// <summary>
/// A silo's copy of the key ring, read anew every two seconds while requests come: a key that another silo revokes is refused here five seconds later at
/// most. While the ring can't be read the copy serves a minute longer; then nobody is let in.
/// </summary>
internal sealed class KeyCopy(IGrainFactory grains, TimeProvider time)
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Stale = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Oldest = TimeSpan.FromSeconds(60);
    // A key that is not known may be new. It is looked for once in this time, however many such requests come.
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(1);

    // So that a key which is not there takes as long as one whose secret is wrong.
    private static readonly byte[] NoHash = new byte[32];

    private readonly Lock gate = new();
    private Copy copy = new(-1, 0, Array.Empty<HeldKey>().ToFrozenDictionary(static key => key.Record.Id, StringComparer.Ordinal));
    private Task? reading;

    /// <summary>All keys of the copy.</summary>
    public IEnumerable<HeldKey> Keys => Volatile.Read(ref copy).Keys.Values;

    /// <summary>The key that a token is; null where it is none of the ring. Whether it is still valid is the caller's to check.</summary>
    /// <exception cref="KeysUnavailableException">The ring can't be read.</exception>
    public ValueTask<HeldKey?> FindAsync(ReadOnlyMemory<char> token)
    {
        var known = Volatile.Read(ref copy);
        var age = AgeOf(known);
        if (age >= Stale) return FindAnewAsync(token);
        if (age >= Fresh) _ = ReadAsync();
        var held = known.Find(token.Span);
        return held is not null || age < BetweenLooks ? new(held) : FindAnewAsync(token);
    }

    /// <summary>Reads the ring now: after a change of it.</summary>
    public async Task RenewAsync()
    {
        // One that is under way may have begun before the change.
        if (Volatile.Read(ref reading) is { } before) await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await ReadAsync();
    }

    private TimeSpan AgeOf(Copy known) => known.Version < 0 ? TimeSpan.MaxValue : time.GetElapsedTime(known.ReadAt);

    private async ValueTask<HeldKey?> FindAnewAsync(ReadOnlyMemory<char> token)
    {
        try
        {
            await ReadAsync();
        }
        catch (Exception failure)
        {
            if (AgeOf(Volatile.Read(ref copy)) > Oldest) throw new KeysUnavailableException(failure);
        }

        return Volatile.Read(ref copy).Find(token.Span);
    }

    private Task ReadAsync()
    {
        lock (gate)
        {
            if (reading is not null) return reading;
            // In nobody's name and on no grain's turn: the answer is for all.
            using var _ = ExecutionContext.SuppressFlow();
            return reading = Task.Run(ReadOnceAsync);
        }
    }

    private async Task ReadOnceAsync()
    {
        try
        {
            var known = copy;
            var readAt = time.GetTimestamp();
            var ring = await grains.GetGrain<IKeyRingGrain>(0).Read(known.Version);
            Volatile.Write(ref copy, ring is null ? known with { ReadAt = readAt } : known.With(ring, readAt));
        }
        finally
        {
            lock (gate)
            {
                reading = null;
            }
        }
    }

    private sealed record Copy(long Version, long ReadAt, FrozenDictionary<string, HeldKey> Keys)
    {
        private readonly FrozenDictionary<string, HeldKey>.AlternateLookup<ReadOnlySpan<char>> byText = Keys.GetAlternateLookup<ReadOnlySpan<char>>();

        public HeldKey? Find(ReadOnlySpan<char> token)
        {
            var held = byText.TryGetValue(ApiKey.IdOf(token), out var found) ? found : null;
            return ApiKey.Has(token, held?.Record.Hash ?? NoHash) ? held : null;
        }

        public Copy With(KeyRing ring, long readAt) => new(ring.Version, readAt, ring.Keys.ToFrozenDictionary(key => key.Id, Held, StringComparer.Ordinal));

        // What an activation forgot, because another wrote, is not forgotten here.
        private HeldKey Held(KeyRecord key)
        {
            var held = new HeldKey(key);
            if (Keys.TryGetValue(key.Id, out var before)) held.Touch(before.LastUsed);
            return held;
        }
    }
}
