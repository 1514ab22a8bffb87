using Orleans.Runtime;
using Orleans.Storage;
using Xunit;

namespace Rollbook.Testing;

/// <summary>
/// Runs every sequence of storage calls up to a depth against a provider and against the simplest model (a value and an ETag or nothing, per grain),
/// and compares each answer, and what both grains hold after each call.
/// </summary>
/// <param name="storage">The provider.</param>
/// <param name="run">Makes the grain ids of this run its own.</param>
internal sealed class GrainStorageModel(IGrainStorage storage, string run)
{
    private const string StateName = "model";

    // Grain 0 meets every kind of ETag; grain 1 proves that what befalls grain 0 stays there.
    private static readonly Call[] Calls =
    [
        new(0, Kind.Write, ETag.None),
        new(0, Kind.Write, ETag.Current),
        new(0, Kind.Write, ETag.Stale),
        new(0, Kind.Clear, ETag.None),
        new(0, Kind.Clear, ETag.Current),
        new(0, Kind.Clear, ETag.Stale),
        new(1, Kind.Write, ETag.Current),
        new(1, Kind.Clear, ETag.Current),
    ];

    private enum Kind
    {
        Write,
        Clear,
    }

    private enum ETag
    {
        None,
        Current,
        Stale,
    }

    /// <summary>Runs them all.</summary>
    public async Task RunAsync(int depth)
    {
        var sequences = Sequences(depth).ToArray();
        Assert.Equal((int)Math.Pow(Calls.Length, depth), sequences.Length);
        // Each has grains of its own, and a provider behind a network is slow one by one.
        await Parallel.ForEachAsync(
            sequences.Index(), new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (sequence, _) => await CheckAsync(sequence.Item, sequence.Index));
    }

    private static IEnumerable<Call[]> Sequences(int depth)
    {
        if (depth == 0) return [[]];
        return Sequences(depth - 1).SelectMany(head => Calls.Select(call => (Call[])[.. head, call]));
    }

    private async Task CheckAsync(Call[] sequence, int number)
    {
        GrainId[] grains = [GrainId.Create("model", $"{run}-{number}-0"), GrainId.Create("model", $"{run}-{number}-1")];
        var model = new Record[] { new(), new() };
        for (var step = 0; step < sequence.Length; step++)
        {
            var told = $"{string.Join(", ", sequence.Take(step + 1))} (sequence {number})";
            await ApplyAsync(sequence[step], step, grains, model, told);
            // The whole state after each call is compared at the depth where that call is the last one; once is enough.
            if (step == sequence.Length - 1)
                for (var i = 0; i < grains.Length; i++) await CompareAsync(grains[i], model[i], told);
        }
    }

    private async Task ApplyAsync(Call call, int step, GrainId[] grains, Record[] model, string told)
    {
        var record = model[call.Grain];
        var etag = call.ETag switch { ETag.None => null, ETag.Current => record.ETag, _ => record.Stale ?? "never given" };
        var state = new GrainState<GrainStorageState> { State = new GrainStorageState { Text = told, Number = step }, ETag = etag! };
        // The condition holds only for the very version that is stored; "no record" is the version null.
        var expected = etag == record.ETag;
        var answer = await Xunit.Record.ExceptionAsync(() => call.Kind == Kind.Write
            ? storage.WriteStateAsync(StateName, grains[call.Grain], state)
            : storage.ClearStateAsync(StateName, grains[call.Grain], state));

        if (!expected)
        {
            Assert.True(answer is InconsistentStateException, $"{told}: InconsistentStateException was expected, and {answer?.GetType().Name ?? "success"} came.");
            return;
        }

        Assert.True(answer is null, $"{told}: {answer}");
        if (record.ETag is not null) record.Stale = record.ETag;
        record.Value = call.Kind == Kind.Write ? state.State : null;
        record.ETag = state.ETag;
        Assert.True((state.ETag is not null) == (call.Kind == Kind.Write) && state.RecordExists == (call.Kind == Kind.Write), told);
        Assert.True(state.ETag is null || state.ETag != record.Stale, $"{told}: the ETag stayed.");
    }

    private async Task CompareAsync(GrainId grain, Record record, string told)
    {
        var read = new GrainState<GrainStorageState> { State = new GrainStorageState { Text = "left over" }, ETag = "left over" };
        await storage.ReadStateAsync(StateName, grain, read);
        Assert.True(read.ETag == record.ETag, $"{told}: the stored ETag is {read.ETag ?? "null"}, and {record.ETag ?? "null"} was expected.");
        Assert.True(read.RecordExists == (record.ETag is not null), told);
        Assert.True(read.State == (record.Value ?? new GrainStorageState()), $"{told}: {read.State} is stored.");
    }

    private sealed record Call(int Grain, Kind Kind, ETag ETag)
    {
        public override string ToString() => $"{Kind} {Grain} with {ETag} ETag";
    }

    private sealed class Record
    {
        public GrainStorageState? Value { get; set; }

        public string? ETag { get; set; }

        public string? Stale { get; set; }
    }
}
