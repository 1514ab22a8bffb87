namespace Rollbook.Testing;

/// <summary>
/// Runs several flows of calls against each other: each waits at every call until it has the turn, and the seed chooses whose turn is next. What runs beside the
/// flows, such as a log's committer, passes.
/// </summary>
/// <param name="seed">Chooses the order.</param>
public sealed class CallTurns(int seed) : CallGate
{
    // One flow may wait for what another has begun, and not for a turn: then those that wait go on without it.
    private static readonly TimeSpan Stall = TimeSpan.FromMilliseconds(25);
    private static readonly AsyncLocal<Flow?> Mine = new();
    private readonly Lock gate = new();
    private readonly Random random = new(seed);
    private readonly List<Flow> flows = [];

    /// <summary>How many turns were given.</summary>
    public long Turns { get; private set; }

    /// <inheritdoc/>
    public override async ValueTask<T> CallAsync<T>(string what, Func<ValueTask<T>> call)
    {
        if (Mine.Value is { } flow) await WaitAsync(flow);
        return await call();
    }

    /// <summary>Runs the flows to their ends.</summary>
    public async Task RunAsync(params Func<Task>[] bodies)
    {
        lock (gate) flows.AddRange(bodies.Select(static _ => new Flow()));
        await Task.WhenAll(bodies.Select((body, i) => Task.Run(() => RunAsync(flows[i], body))));
    }

    private async Task RunAsync(Flow flow, Func<Task> body)
    {
        Mine.Value = flow;
        try
        {
            await WaitAsync(flow);
            await body();
        }
        finally
        {
            lock (gate)
            {
                flow.IsOver = true;
                Next();
            }
        }
    }

    private Task WaitAsync(Flow flow)
    {
        var turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (gate)
        {
            flow.Waiting.Add(turn);
            Next();
        }

        _ = UnstallAsync(Turns, turn.Task);
        return turn.Task;
    }

    private async Task UnstallAsync(long turns, Task turn)
    {
        while (await Task.WhenAny(turn, Task.Delay(Stall, TimeProvider.System)) != turn)
        {
            lock (gate)
            {
                if (turns == Turns) Give(flows.FindAll(static f => f.Waiting.Count > 0));
                turns = Turns;
            }
        }
    }

    // A turn is given when every flow has come to its next call: so the order depends on the seed and not on the threads.
    private void Next()
    {
        var waiting = flows.FindAll(static f => !f.IsOver);
        if (!waiting.Exists(static f => f.Waiting.Count == 0)) Give(waiting);
    }

    private void Give(List<Flow> waiting)
    {
        if (waiting.Count == 0) return;
        var chosen = waiting[random.Next(waiting.Count)].Waiting;
        var turn = chosen[0];
        chosen.RemoveAt(0);
        Turns++;
        turn.SetResult();
    }

    private sealed class Flow
    {
        public List<TaskCompletionSource> Waiting { get; } = [];

        public bool IsOver { get; set; }
    }
}
