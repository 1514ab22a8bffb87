using System.Numerics;
using Rollbook.Query;
using Xunit;

namespace Rollbook.Grains.Tests.Query.Stats;

/// <summary>The estimate against its definition.</summary>
public sealed class PassAtKTests
{
    [Fact]
    public void Of_EveryCase_IsOneMinusTheShareOfFailingChoices()
    {
        for (var n = 0; n <= 10; n++)
        for (var c = 0; c <= n; c++)
        for (var k = 1; k <= 12; k++)
        {
            // Every choice of k of the n attempts; the first c succeed.
            var choices = Enumerable.Range(0, 1 << n).Where(set => BitOperations.PopCount((uint)set) == k).ToList();
            double? wanted = choices.Count == 0 ? null : choices.Count(set => (set & ((1 << c) - 1)) != 0) / (double)choices.Count;
            var found = PassAtK.Of(n, c, k);
            Assert.Equal(wanted is null, found is null);
            if (wanted is { } value) Assert.Equal(value, found!.Value, 12);
        }
    }

    [Fact]
    public void Of_ManyAttempts_StaysANumber() => Assert.Equal(1 - Math.Pow(0.9, 8), PassAtK.Of(1_000_000, 100_000, 8)!.Value, 5);
}
