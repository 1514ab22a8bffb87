using Rollbook.Access;
using Xunit;

namespace Rollbook.Grains.Tests.Access;

public sealed class KeyRingTests
{
    private const long Day = 24L * 3600 * 1000;

    [Fact]
    public void Rotate_BothAreValid_UntilTheOverlapEnds()
    {
        var ring = new KeyRing().Add(Key("a", 0))!.Rotate("a", Key("b", 100), 200)!;

        Assert.True(ring.Find("a")!.IsValid(199));
        Assert.False(ring.Find("a")!.IsValid(200));
        Assert.Equal("b", ring.Find("a")!.ReplacedBy);
        Assert.True(ring.Find("b")!.IsValid(200));
    }

    [Fact]
    public void Rotate_KeyThatExpiresSooner_LivesNoLonger() =>
        Assert.Equal(150, new KeyRing().Add(Key("a", 0) with { ExpiresAt = 150 })!.Rotate("a", Key("b", 100), 200)!.Find("a")!.ExpiresAt);

    [Fact]
    public void Revoke_Twice_KeepsTheFirstTime()
    {
        var ring = new KeyRing().Add(Key("a", 0))!.Revoke("a", 5).Revoke("a", 9);
        Assert.Equal(5, ring.Find("a")!.RevokedAt);
        Assert.False(ring.Find("a")!.IsValid(5));
    }

    [Fact]
    public void Used_OlderThanKnown_ChangesNothing()
    {
        var ring = new KeyRing().Add(Key("a", 0))!.Used([new KeyUse("a", 50)]);
        Assert.Equal(50, ring.Find("a")!.LastUsedAt);
        Assert.Same(ring, ring.Used([new KeyUse("a", 40), new KeyUse("nobody", 60)]));
    }

    [Fact]
    public void Add_IdThatIsTaken_IsRefused() => Assert.Null(new KeyRing().Add(Key("a", 0))!.Add(Key("a", 1)));

    [Fact]
    public void Add_ForgetsWhatHasLongBeenOfNoUse_AndNothingElse()
    {
        var ring = new KeyRing().Add(Key("revoked", 0))!.Add(Key("expired", 0) with { ExpiresAt = 1 })!.Add(Key("valid", 0))!.Revoke("revoked", 1);
        Assert.Equal(4, ring.Add(Key("soon", 90 * Day))!.Keys.Count);
        Assert.Equal(["valid", "late"], ring.Add(Key("late", (90 * Day) + 2))!.Keys.Select(static key => key.Id));
    }

    [Fact]
    public void Add_WhereTheRingIsFull_IsRefused()
    {
        var ring = new KeyRing { Version = 1, Keys = [.. Enumerable.Range(0, KeyRing.MaxKeys).Select(static i => Key($"k{i}", 0))] };
        Assert.Null(ring.Add(Key("more", 1)));
        Assert.NotNull(ring.Revoke("k7", 1).Add(Key("more", (90 * Day) + 2)));
    }

    [Fact]
    public void EveryChange_HasANewVersion()
    {
        var ring = new KeyRing();
        foreach (var next in (Func<KeyRing, KeyRing>[])[static r => r.Add(Key("a", 0))!, static r => r.Used([new KeyUse("a", 1)]), static r => r.Rotate("a", Key("b", 1), 9)!, static r => r.Revoke("b", 2)])
        {
            var after = next(ring);
            Assert.True(after.Version > ring.Version);
            ring = after;
        }
    }

    private static KeyRecord Key(string id, long at) =>
        new() { Id = id, Hash = [1], Name = id, Project = "default", Scopes = AccessScopes.Read, CreatedAt = at, CreatedBy = "test" };
}
