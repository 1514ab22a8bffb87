using CsCheck;
using Rollbook.Episodes;
using Rollbook.Testing;
using Xunit;

namespace Rollbook.Grains.Tests.Episodes;

public sealed class DuplicateCheckTests
{
    [Fact]
    public void Run_OfABatchPastTheEnd_FindsNoDuplicates() =>
        Assert.Equal(new DuplicateCheck(0, 0, null, null), DuplicateCheck.Run(Ring(3), Batch("a", 3, 2), 3, 0));

    [Fact]
    public void Run_OfABatchThatOverlaps_CountsTheStepsBelowTheEnd()
    {
        var check = DuplicateCheck.Run(Ring(5), Batch("a", 3, 4), 5, 0);

        Assert.Equal((2, null, null), (check.Duplicates, check.ConflictAt, check.OlderThanKept));
        Assert.Equal(Batch("a", 3, 2).Steps.Bytes.Length, check.DuplicateBytes);
    }

    [Fact]
    public void Run_OfAnotherStep_NamesItsOrdinal() => Assert.Equal(4, DuplicateCheck.Run(Ring(9), Mixed(2, 5, conflictAt: 4), 9, 0).ConflictAt);

    [Fact]
    public void Run_OfStepsOlderThanKept_NamesTheFirstThatIsKept()
    {
        var check = DuplicateCheck.Run(Ring(300), Batch("a", 40, 10), 300, 0);
        Assert.Equal((10, 44L), (check.Duplicates, check.OlderThanKept));

        Assert.Null(DuplicateCheck.Run(Ring(300), Batch("a", 40, 10), 300, 44).OlderThanKept);
    }

    [Fact]
    public void Run_OfAnyBatch_AgreesWithAList() =>
        Gen.Select(Gen.Int[0, 320], Gen.Int[0, 340], Gen.Int[1, 30], Gen.Int[-1, 30]).Sample(static (recorded, from, count, wrong) =>
        {
            if (from > recorded) return;
            var check = DuplicateCheck.Run(Ring(recorded), Mixed(from, count, from + wrong), recorded, 0);
            var kept = Math.Max(0, recorded - HashRing.Capacity);
            var conflict = wrong >= 0 && wrong < count && from + wrong < recorded && from + wrong >= kept;
            Assert.Equal(conflict ? from + wrong : null, check.ConflictAt);
            if (conflict) return;
            Assert.Equal(Math.Min(count, recorded - from), check.Duplicates);
            Assert.Equal(from < kept ? Math.Min(kept, from + check.Duplicates) : null, check.OlderThanKept);
        }, iter: 300);

    private static HashRing Ring(int steps)
    {
        var ring = new HashRing();
        var bytes = TestSteps.Range("a", 0, steps).Bytes.Span;
        for (var i = 0; i < steps; i++)
        {
            var step = StepEntry.Read(bytes);
            ring.Add(step.Hash);
            bytes = bytes[step.Length..];
        }

        return ring;
    }

    private static AppendSteps Batch(string salt, long from, int count) => new() { From = from, Steps = TestSteps.Range(salt, from, count) };

    private static AppendSteps Mixed(int from, int count, int conflictAt) => new()
    {
        From = from,
        Steps = TestSteps.Of([.. Enumerable.Range(from, count).Select(i => i == conflictAt ? $"b-{i}" : $"a-{i}")]),
    };
}
