using CsCheck;
using Rollbook.Episodes;
using Xunit;

namespace Rollbook.Grains.Tests.Episodes.Tail;

public sealed class HashRingTests
{
    [Fact]
    public void TryGet_AfterAnyAddsResetsAndCopies_GivesTheLast256() =>
        Gen.Int[-1, 1000].Array[1, 30].Sample(static script =>
        {
            var ring = new HashRing();
            var model = new SortedDictionary<long, UInt128>();
            long next = 0;
            foreach (var act in script)
            {
                if (act < 0)
                {
                    next += 1_000_000_007;
                    ring.Reset(next);
                    model.Clear();
                }

                for (var i = 0; i < act; i++)
                {
                    var hash = new UInt128((ulong)act, (ulong)next);
                    ring.Add(hash);
                    model[next++] = hash;
                    if (model.Count > HashRing.Capacity) model.Remove(model.Keys.First());
                }

                var copy = new HashRing();
                copy.Add(1);
                copy.CopyFrom(ring);
                AssertSame(model, next, ring);
                AssertSame(model, next, copy);
            }
        }, iter: 50);

    private static void AssertSame(SortedDictionary<long, UInt128> model, long next, HashRing ring)
    {
        Assert.Equal(model.Count, ring.Count);
        Assert.Equal(next, ring.Next);
        foreach (var (ordinal, hash) in model) Assert.True(ring.TryGet(ordinal, out var kept) && kept == hash);
        Assert.False(ring.TryGet(next, out _));
        Assert.False(ring.TryGet(next - model.Count - 1, out _));
        Assert.False(ring.TryGet(-1, out _));
    }
}
