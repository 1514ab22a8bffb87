using Orleans.Runtime;
using Orleans.Storage;
using Xunit;

namespace Rollbook.Testing;

/// <summary>
/// What Orleans expects of every <see cref="IGrainStorage"/>: the twenty cases of its own <c>GrainStorageTestRunner</c>, by their names there
/// (so that the lists can be compared), held to the strict reading, and a model-based case.
/// </summary>
/// <param name="storage">The provider. Grain ids are new in each test, so a suite may share it with others.</param>
public abstract class GrainStorageConformance(IGrainStorage storage)
{
    private const string StateName = "state";
    private readonly string _run = Guid.NewGuid().ToString("N");

    [Fact]
    public Task WriteReadIdCyrillic() => WriteReadAsync(Grain("Идентификатор/зерна#1?\\%_'\""), State("Значение", 1));

    [Fact]
    public async Task WriteDuplicateFailsWithInconsistentStateException()
    {
        var grain = Grain("duplicate");
        var first = State("first", 1);
        await WriteReadAsync(grain, first);

        await AssertInconsistentAsync(() => WriteAsync(grain, State("second", 2)));
        await AssertStoredAsync(grain, first);
    }

    [Fact]
    public async Task WriteInconsistentFailsWithInconsistentStateException()
    {
        var grain = Grain("inconsistent");
        await AssertInconsistentAsync(() => WriteAsync(grain, State("never", 1, etag: "7")));
        await AssertMissingAsync(grain);

        var stored = State("stored", 1);
        await WriteReadAsync(grain, stored);
        var stale = stored.ETag;
        await WriteReadAsync(grain, stored);
        await AssertInconsistentAsync(() => WriteAsync(grain, State("late", 9, stale)));
        await AssertStoredAsync(grain, stored);
    }

    [Fact]
    public async Task WriteReadWriteReadStatesInParallel()
    {
        var grains = Enumerable.Range(0, 100).Select(i => (Grain: Grain($"parallel-{i}"), State: State($"parallel {i}", i))).ToArray();
        await Parallel.ForEachAsync(grains, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (pair, _) =>
        {
            for (var turn = 0; turn < 10; turn++)
            {
                var before = pair.State.ETag;
                pair.State.State!.Number += 1000;
                await WriteReadAsync(pair.Grain, pair.State);
                Assert.NotEqual(before, pair.State.ETag);
            }
        });
    }

    [Fact]
    public Task ReadNonExistentState() => AssertMissingAsync(Grain("none"));

    [Fact]
    public async Task ReadNonExistentStateHasNonNullState()
    {
        var state = new GrainState<GrainStorageState> { State = null!, ETag = "left", RecordExists = true };
        await storage.ReadStateAsync(StateName, Grain("none"), state);

        Assert.Equal(new GrainStorageState(), state.State);
        Assert.Null(state.ETag);
        Assert.False(state.RecordExists);
    }

    [Fact]
    public async Task WriteClearWrite()
    {
        var grain = Grain("write-clear-write");
        var state = State("before", 1);
        await WriteReadAsync(grain, state);
        await ClearAsync(grain, state);
        state.State = new GrainStorageState { Text = "after", Number = 2 };
        await WriteReadAsync(grain, state);
    }

    [Fact]
    public async Task WriteClearRead()
    {
        var grain = Grain("write-clear-read");
        var state = State("gone", 1);
        await WriteReadAsync(grain, state);
        await ClearAsync(grain, state);

        Assert.False(state.RecordExists);
        await AssertMissingAsync(grain);
    }

    [Fact]
    public async Task WriteReadClearReadCycle()
    {
        var grain = Grain("cycle");
        var state = State("cycle", 0);
        for (var turn = 0; turn < 5; turn++)
        {
            state.State = new GrainStorageState { Text = "cycle", Number = turn };
            await WriteReadAsync(grain, state);
            await ClearAsync(grain, state);
            await AssertMissingAsync(grain);
        }
    }

    [Fact]
    public Task WriteRead_StringKey() => WriteReadAsync(GrainId.Create("text-key", $"{_run}-key"), State("text", 1));

    [Fact]
    public Task WriteRead_IntegerKey() =>
        WriteReadAsync(GrainId.Create(GrainType.Create($"number-key-{_run}"), GrainIdKeyExtensions.CreateIntegerKey(long.MinValue)), State("number", 1));

    [Fact]
    public async Task ETagChangesOnWrite()
    {
        var grain = Grain("etag");
        var state = State("etag", 0);
        var seen = new HashSet<string?> { null };
        for (var turn = 0; turn < 10; turn++)
        {
            state.State!.Number = turn;
            await WriteReadAsync(grain, state);
            Assert.True(seen.Add(state.ETag), "an ETag came twice");
        }
    }

    [Fact]
    public async Task ClearBeforeWrite()
    {
        var grain = Grain("clear-first");
        var state = State("unsaved", 1);
        await ClearAsync(grain, state);

        Assert.False(state.RecordExists);
        await AssertMissingAsync(grain);
        await WriteReadAsync(grain, state);
    }

    [Fact]
    public async Task ClearStateDoesNotNullifyState()
    {
        var grain = Grain("not-null");
        var state = State("value", 1);
        await ClearAsync(grain, state);
        Assert.NotNull(state.State);

        await WriteReadAsync(grain, state);
        await ClearAsync(grain, state);
        Assert.NotNull(state.State);
    }

    [Fact]
    public async Task ClearUpdatesETag()
    {
        var grain = Grain("clear-etag");
        var state = State("value", 1);
        await WriteReadAsync(grain, state);
        var written = state.ETag;
        await ClearAsync(grain, state);

        Assert.NotEqual(written, state.ETag);
    }

    [Fact]
    public async Task ReadAfterClear()
    {
        var grain = Grain("read-after-clear");
        var state = State("value", 1);
        await WriteReadAsync(grain, state);
        await ClearAsync(grain, state);
        await ReadAsync(grain, state);

        Assert.False(state.RecordExists);
        Assert.Equal(new GrainStorageState(), state.State);
        Assert.Null(state.ETag);
    }

    [Fact]
    public async Task MultipleClearOperations()
    {
        var grain = Grain("clear-again");
        var state = State("value", 1);
        await WriteReadAsync(grain, state);
        for (var turn = 0; turn < 3; turn++)
        {
            await ClearAsync(grain, state);
            Assert.False(state.RecordExists);
            await AssertMissingAsync(grain);
        }
    }

    [Fact]
    public async Task StateNamesUseIndependentRecords()
    {
        var grain = Grain("names");
        var first = State("first", 1);
        var second = State("second", 2);
        await storage.WriteStateAsync("one", grain, first);
        await storage.WriteStateAsync("two", grain, second);
        await storage.ClearStateAsync("one", grain, first);

        var read = new GrainState<GrainStorageState> { State = new() };
        await storage.ReadStateAsync("two", grain, read);
        Assert.Equal(second.State, read.State);
        Assert.Equal(second.ETag, read.ETag);
    }

    [Fact]
    public async Task ClearInconsistentFailsWithInconsistentStateException()
    {
        var grain = Grain("clear-stale");
        var state = State("value", 1);
        await WriteReadAsync(grain, state);
        var stale = state.ETag;
        await WriteReadAsync(grain, state);

        await AssertInconsistentAsync(() => ClearAsync(grain, State("value", 1, stale)));
        await AssertStoredAsync(grain, state);
    }

    [Fact]
    public async Task WriteWithSameValuesUpdatesETag()
    {
        var grain = Grain("same");
        var state = State("same", 1);
        await WriteReadAsync(grain, state);
        var before = state.ETag;
        await WriteReadAsync(grain, state);

        Assert.NotEqual(before, state.ETag);
    }

    [Fact]
    public Task EverySequence_UpToDepthFour_MatchesTheModel() => new GrainStorageModel(storage, _run).RunAsync(depth: 4);

    private GrainId Grain(string key) => GrainId.Create("conformance", $"{_run}-{key}");

    private static GrainState<GrainStorageState> State(string text, long number, string? etag = null) =>
        new() { State = new GrainStorageState { Text = text, Number = number }, ETag = etag! };

    private Task WriteAsync(GrainId grain, GrainState<GrainStorageState> state) => storage.WriteStateAsync(StateName, grain, state);

    private Task ReadAsync(GrainId grain, GrainState<GrainStorageState> state) => storage.ReadStateAsync(StateName, grain, state);

    private Task ClearAsync(GrainId grain, GrainState<GrainStorageState> state) => storage.ClearStateAsync(StateName, grain, state);

    private async Task WriteReadAsync(GrainId grain, GrainState<GrainStorageState> state)
    {
        await WriteAsync(grain, state);
        Assert.True(state.RecordExists);
        await AssertStoredAsync(grain, state);
    }

    private async Task AssertStoredAsync(GrainId grain, GrainState<GrainStorageState> expected)
    {
        var read = new GrainState<GrainStorageState> { State = new() };
        await ReadAsync(grain, read);
        Assert.Equal(expected.State, read.State);
        Assert.Equal(expected.ETag, read.ETag);
        Assert.False(string.IsNullOrEmpty(read.ETag));
        Assert.True(read.RecordExists);
    }

    private async Task AssertMissingAsync(GrainId grain)
    {
        var read = State("left over", 99, "left over");
        read.RecordExists = true;
        await ReadAsync(grain, read);
        Assert.Equal(new GrainStorageState(), read.State);
        Assert.Null(read.ETag);
        Assert.False(read.RecordExists);
    }

    private static Task AssertInconsistentAsync(Func<Task> call) => Assert.ThrowsAsync<InconsistentStateException>(call);
}
