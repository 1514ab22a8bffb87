using Microsoft.Extensions.Time.Testing;
using Rollbook.Access;
using Xunit;

namespace Rollbook.Grains.Tests.Access;

/// <summary>A silo's copy of the keys: how old it gets, and what it does when the ring is away.</summary>
public sealed class KeyCopyTests
{
    private readonly FakeTimeProvider time = new();
    private readonly FakeKeyRing ring = new();
    private readonly KeyCopy copy;

    public KeyCopyTests() => copy = new KeyCopy(ring.Factory, time);

    [Fact]
    public async Task Find_RevokedElsewhere_IsSeenAfterFiveSeconds()
    {
        var key = Add();
        Assert.Null((await FindAsync(key))!.Refusal(0));
        ring.Ring = ring.Ring.Revoke(ring.Ring.Keys[0].Id, 1);
        time.Advance(TimeSpan.FromSeconds(5));
        Assert.Contains("revoked", (await FindAsync(key))!.Refusal(0), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Find_RevokedHere_IsSeenAtOnce()
    {
        var key = Add();
        await FindAsync(key);
        ring.Ring = ring.Ring.Revoke(ring.Ring.Keys[0].Id, 1);
        await copy.RenewAsync();
        Assert.NotNull((await FindAsync(key))!.Refusal(0));
    }

    [Fact]
    public async Task Find_MadeElsewhere_IsFoundASecondLater()
    {
        await FindAsync(ApiKey.New().Key);
        var key = Add();
        Assert.Null(await FindAsync(key));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.NotNull(await FindAsync(key));
    }

    [Fact]
    public async Task Find_FloodOfUnknownKeys_ReadsTheRingOnceASecond()
    {
        for (var second = 0; second < 10; second++)
        {
            for (var i = 0; i < 100; i++) Assert.Null(await FindAsync(ApiKey.New().Key));
            time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.InRange(ring.Reads, 1, 11);
    }

    [Fact]
    public async Task Find_WhileTheRingIsAway_ServesAMinute_ThenNobody()
    {
        var key = Add();
        await FindAsync(key);
        ring.Away = true;
        time.Advance(TimeSpan.FromSeconds(59));
        Assert.NotNull(await FindAsync(key));
        time.Advance(TimeSpan.FromSeconds(2));
        await Assert.ThrowsAsync<KeysUnavailableException>(async () => await FindAsync(key));
        ring.Away = false;
        Assert.NotNull(await FindAsync(key));
    }

    [Fact]
    public async Task Find_BeforeTheRingWasEverRead_LetsNobodyIn()
    {
        var key = Add();
        ring.Away = true;
        await Assert.ThrowsAsync<KeysUnavailableException>(async () => await FindAsync(key));
    }

    [Fact]
    public async Task Keys_AfterARenewal_KeepTheirNewerUse()
    {
        var key = Add();
        (await FindAsync(key))!.Touch(1_000_000);
        Add();
        await copy.RenewAsync();
        Assert.Equal(1_000_000, (await FindAsync(key))!.LastUsed);
    }

    private ValueTask<HeldKey?> FindAsync(string key) => copy.FindAsync(key.AsMemory());

    private string Add()
    {
        var (id, key, hash) = ApiKey.New();
        ring.Ring = ring.Ring.Add(new KeyRecord { Id = id, Hash = hash, Name = "n", Project = "default", Scopes = AccessScopes.Read, CreatedAt = 0, CreatedBy = "test" })!;
        return key;
    }
}
