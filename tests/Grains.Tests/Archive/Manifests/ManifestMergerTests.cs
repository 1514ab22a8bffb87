using Microsoft.Extensions.Time.Testing;
using Rollbook.Archive;
using Rollbook.StepLog;
using Rollbook.Testing;
using Xunit;

namespace Rollbook.Grains.Tests.Archive.Manifests;

/// <summary>Changes of one manifest that come at the same time.</summary>
public sealed class ManifestMergerTests : IDisposable
{
    private const string Project = "p";
    private readonly FakeTimeProvider time = new();
    private readonly CountedStore store = new();
    private readonly ManifestStore manifests;
    private readonly ManifestMerger merger;

    public ManifestMergerTests()
    {
        manifests = new ManifestStore(store);
        merger = new ManifestMerger(manifests, Project, time);
    }

    public void Dispose() => store.Dispose();

    [Fact]
    public Task Change_OfManyWhileOneIsStored_StoresTheRestInOneWrite() => AloneAsync(async () =>
    {
        store.Gate = new TaskCompletionSource();
        var calls = Enumerable.Range(1, 6).Select(log => merger.ChangeAsync(m => m.With(Pack(log, 0, 5)))).ToList();
        store.Gate.SetResult();

        var stored = await Task.WhenAll(calls);

        Assert.Equal(2, store.Writes);
        Assert.Equal([1, 6, 6, 6, 6, 6], stored.Select(manifest => manifest!.Version));
        Assert.Equal(6, (await manifests.ReadAsync(Project, CancellationToken.None)).Packs.Count);
    });

    [Fact]
    public Task Change_WhereOneOfSeveralDoesNotFit_StoresTheOthers() => AloneAsync(async () =>
    {
        store.Gate = new TaskCompletionSource();
        var first = merger.ChangeAsync(m => m.With(Pack(1, 0, 5)));
        var follows = merger.ChangeAsync(m => m.With(Pack(1, 5, 9)));
        var twice = merger.ChangeAsync(m => m.With(Pack(1, 5, 7)));
        var other = merger.ChangeAsync(m => m.With(Pack(2, 0, 3)));
        store.Gate.SetResult();

        Assert.NotNull(await first);
        Assert.NotNull(await follows);
        Assert.Null(await twice);
        Assert.NotNull(await other);
        var stored = await manifests.ReadAsync(Project, CancellationToken.None);
        Assert.Equal((9, 3), (stored.PackedToOf(new LogId(1)), stored.PackedToOf(new LogId(2))));
    });

    [Fact]
    public Task Change_WhereNoneFits_WritesNothing() => AloneAsync(async () =>
    {
        Assert.Null(await merger.ChangeAsync(m => m.With(Pack(1, 3, 5))));
        Assert.Equal(0, store.Writes);
    });

    [Fact]
    public Task Change_WhenAnotherWriterWasQuicker_IsTriedUponWhatThatOneStored() => AloneAsync(async () =>
    {
        // Between the reading and the writing of the round.
        store.Before = async () =>
        {
            store.Before = null;
            await manifests.ChangeAsync(Project, m => m.With(Pack(1, 0, 4)), CancellationToken.None);
        };
        store.Gate = new TaskCompletionSource();
        var mine = merger.ChangeAsync(m => m.With(Pack(1, 0, 5)));
        var other = merger.ChangeAsync(m => m.With(Pack(2, 0, 5)));
        store.Gate.SetResult();

        Assert.Null(await mine);
        Assert.Equal((4, 5), ((await other)!.PackedToOf(new LogId(1)), (await other)!.PackedToOf(new LogId(2))));
    });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public Task Change_WhenTheAnswerIsLost_IsUnknownForTheWholeRoundAndTheNextGoesOn(bool isStored) => AloneAsync(async () =>
    {
        store.Gate = new TaskCompletionSource();
        var before = merger.ChangeAsync(m => m.With(Pack(9, 0, 1)));
        var one = merger.ChangeAsync(m => m.With(Pack(1, 0, 5)));
        var two = merger.ChangeAsync(m => m.With(Pack(2, 0, 5)));
        store.Lost = (Write: 2, isStored);
        store.Gate.SetResult();

        Assert.NotNull(await before);
        await Assert.ThrowsAsync<IOException>(() => one);
        await Assert.ThrowsAsync<IOException>(() => two);

        // The same again: it counts already, or it does now. Once in any case.
        var again = merger.ChangeAsync(m => m.With(Pack(1, 0, 5)));
        time.Advance(ManifestMerger.LongestWait);
        Assert.Equal(isStored, await again is null);
        Assert.Single((await manifests.ReadAsync(Project, CancellationToken.None)).Packs, pack => pack.Log == new LogId(1));
    });

    [Fact]
    public Task Change_WhereSeveralCameTogether_WaitsForAsManyButNoLongerThanASecond() => AloneAsync(async () =>
    {
        store.Gate = new TaskCompletionSource();
        var calls = Enumerable.Range(1, 3).Select(log => merger.ChangeAsync(m => m.With(Pack(log, 0, 5)))).ToList();
        store.Gate.SetResult();
        await Task.WhenAll(calls);

        // Two came together: the next two do, too.
        var third = merger.ChangeAsync(m => m.With(Pack(2, 5, 9)));
        Assert.Equal(2, store.Writes);
        var fourth = merger.ChangeAsync(m => m.With(Pack(3, 5, 9)));
        await Task.WhenAll(third, fourth);
        Assert.Equal(3, store.Writes);

        // One comes alone: after a second it is stored, and from then on at once.
        var fifth = merger.ChangeAsync(m => m.With(Pack(2, 9, 12)));
        Assert.Equal(3, store.Writes);
        time.Advance(ManifestMerger.LongestWait);
        await fifth;
        Assert.NotNull(await merger.ChangeAsync(m => m.With(Pack(2, 12, 15))));
        Assert.Equal(5, store.Writes);
    });

    [Fact]
    public async Task Publish_ThroughAnother_SaysWhatThatOneSaidAndKnowsWhatIsStored()
    {
        var elsewhere = new ManifestStore(store);
        var published = new ManifestStore(store, async (project, pack) =>
            await elsewhere.ChangeAsync(project, m => m.With(ManifestCodec.ReadPack(ManifestCodec.WritePack(pack))), CancellationToken.None) is not null);

        Assert.True(await published.PublishAsync(Project, Pack(1, 0, 5), CancellationToken.None));
        Assert.False(await published.PublishAsync(Project, Pack(1, 0, 6), CancellationToken.None));

        var known = await published.KnownAsync(Project, CancellationToken.None);
        Assert.Equal((1, Pack(1, 0, 5)), (known.Version, Assert.Single(known.Packs)));
    }

    // As in a grain: one turn at a time.
    private static Task AloneAsync(Func<Task> test) =>
        Task.Factory.StartNew(test, CancellationToken.None, TaskCreationOptions.None, new ConcurrentExclusiveSchedulerPair().ExclusiveScheduler).Unwrap();

    private static Pack Pack(int log, long from, long to) =>
        new() { Log = new LogId((UInt128)log), From = from, To = to, At = 1, Steps = new ManifestFile($"{log}/{from}-{to}", 10, 2, "00") };

    private sealed class CountedStore() : DelegatingArchiveStore(new MemoryArchiveStore())
    {
        public TaskCompletionSource? Gate { get; set; }

        public Func<Task>? Before { get; set; }

        public (int Write, bool IsStored)? Lost { get; set; }

        public int Writes { get; private set; }

        public override async ValueTask<string?> ReplaceAsync(string name, ReadOnlyMemory<byte> bytes, string? etag, CancellationToken cancellation)
        {
            if (Gate is { } gate) await gate.Task;
            if (Before is { } before) await before();
            var write = ++Writes;
            if (Lost is not { } lost || lost.Write != write) return await Inner.ReplaceAsync(name, bytes, etag, cancellation);
            if (lost.IsStored) await Inner.ReplaceAsync(name, bytes, etag, cancellation);
            throw new IOException("no answer");
        }
    }
}
