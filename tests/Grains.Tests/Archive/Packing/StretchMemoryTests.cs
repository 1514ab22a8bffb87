using Rollbook.Archive;
using Rollbook.StepLog;
using Xunit;

namespace Rollbook.Grains.Tests.Archive.Packing;

public sealed class StretchMemoryTests
{
    private static readonly LogId Log = LogId.New(TimeProvider.System);

    private readonly StretchMemory memory = new();

    [Fact]
    public void Copy_PiecesOfAnyLength_KeepsEach()
    {
        var random = new Random(1);
        var pieces = Enumerable.Range(0, 400).Select(i =>
        {
            var piece = new byte[i == 200 ? 2 << 20 : random.Next(0, 40_000)];
            random.NextBytes(piece);
            return piece;
        }).ToList();

        for (var round = 0; round < 3; round++)
        {
            var copies = pieces.ConvertAll(piece => memory.Copy(piece));
            for (var i = 0; i < pieces.Count; i++) Assert.True(copies[i].Span.SequenceEqual(pieces[i]));
            Assert.Equal(pieces.Sum(static piece => (long)piece.Length), memory.Bytes);
            memory.Free(new Stretch(Log) { To = 1 });
            Assert.Equal(0, memory.Bytes);
        }
    }

    [Fact]
    public void Free_AfterShorterStretches_GivesUpWhatTheyDidNotNeed()
    {
        var piece = new byte[200_000];
        for (var i = 0; i < 50; i++) memory.Copy(piece);
        var held = memory.Held;
        Assert.InRange(held, 10_000_000, 11L << 20);

        memory.Free(new Stretch(Log) { To = 1 });
        for (var i = 0; i < 50; i++) memory.Copy(piece);
        Assert.Equal(held, memory.Held);

        memory.Free(new Stretch(Log) { To = 1 });
        memory.Copy(piece);
        memory.Free(new Stretch(Log) { To = 1 });
        Assert.InRange(memory.Held, held / 2, held - 1);

        for (var i = 0; i < 30; i++)
        {
            memory.Copy(piece);
            memory.Free(new Stretch(Log) { To = 1 });
        }

        Assert.Equal(1 << 20, memory.Held);
    }

    [Fact]
    public void TakeList_AfterFree_GivesTheListsOfTheLastStretchEmpty()
    {
        var steps = memory.TakeList();
        var few = memory.TakeList();
        Assert.NotSame(steps, few);
        for (var i = 0; i < 1000; i++) steps.Add(default);
        few.Capacity = 100_000;
        var stretch = new Stretch(Log) { To = 1 };
        stretch.Projects.Add("a", new ProjectStretch("a", Log, 0, steps));
        stretch.Projects.Add("b", new ProjectStretch("b", Log, 0, few));

        memory.Free(stretch);

        Assert.Same(steps, memory.TakeList());
        Assert.Empty(steps);
        // The other one was larger than all the memory that is held could be for.
        Assert.NotSame(few, memory.TakeList());
    }
}
