using System.Globalization;

namespace Rollbook.Simulation.Tests.Engine;

/// <summary>
/// One simulated world: one thread, one seeded source of every choice, and a time that advances only when nothing can run.
/// The same seed gives the same events, to the last one.
/// </summary>
internal sealed class World
{
    private const int KeptEvents = 400;

    private readonly List<(Lane Lane, Task Task)> runnable = [];
    private readonly PriorityQueue<Action, (long At, long Sequence)> due = new();
    private readonly Queue<string> events = new();
    private readonly Thread thread = Thread.CurrentThread;
    private readonly int stepLimit;
    private long sequence;
    private string? failure;

    public World(int seed, int stepLimit)
    {
        Seed = seed;
        Random = new Random(seed);
        this.stepLimit = stepLimit;
        Lane = new Lane(this, "world");
    }

    public int Seed { get; }

    /// <summary>The only source of chance.</summary>
    public Random Random { get; }

    /// <summary>The process that never dies: networks, stores, clients.</summary>
    public Lane Lane { get; }

    /// <summary>Simulated time since the beginning.</summary>
    public TimeSpan Now { get; private set; }

    /// <summary>Tasks that were run.</summary>
    public int Steps { get; private set; }

    /// <summary>A hash over every choice and every event: two runs that differ anywhere differ here.</summary>
    public ulong Trace { get; private set; } = 14695981039346656037;

    /// <summary>The last events, oldest first.</summary>
    public IReadOnlyCollection<string> Events => events;

    /// <summary>Tells how things stand, when a run fails.</summary>
    public Func<string>? Describe { get; set; }

    public bool Chance(double probability) => Random.NextDouble() < probability;

    public TimeSpan Between(double fromSeconds, double toSeconds) =>
        TimeSpan.FromSeconds(fromSeconds + ((toSeconds - fromSeconds) * Random.NextDouble()));

    public T Pick<T>(IReadOnlyList<T> from) => from[Random.Next(from.Count)];

    /// <summary>Ends the run: the simulated system broke a promise, or the simulation itself is wrong.</summary>
    public void Fail(string message)
    {
        if (failure is null && Describe is not null) Log(Describe());
        failure ??= message;
        Log($"FAILED {message}");
    }

    public void Log(string text)
    {
        foreach (var c in text) Mix(c);
        events.Enqueue(string.Create(CultureInfo.InvariantCulture, $"{Steps,6} {Now.TotalSeconds,9:F3}s {text}"));
        if (events.Count > KeptEvents) events.Dequeue();
    }

    public void After(TimeSpan delay, Action action) => due.Enqueue(action, ((Now + delay).Ticks, sequence++));

    /// <summary>Makes a task one of the next that may run. Only ever called on the world's own thread: anything else is a leak of determinism.</summary>
    public void Add(Lane lane, Task task)
    {
        if (Thread.CurrentThread != thread)
            failure ??= $"a task of {lane.Name} came from another thread: determinism leaks\n{Environment.StackTrace}";
        lock (runnable) runnable.Add((lane, task));
    }

    /// <summary>Runs until the main function has ended.</summary>
    /// <exception cref="SimulationException">A promise was broken, or the run did not end.</exception>
    public void Run(Func<Task> main)
    {
        var running = Lane.Run(main);
        while (!running.IsCompleted && failure is null)
        {
            if (++Steps > stepLimit) Fail($"the run did not end within {stepLimit} steps");
            else if (runnable.Count > 0) RunOne();
            else if (due.Count > 0) Advance();
            else Fail("nothing can run any more, and the run has not ended");
        }

        if (failure is null && running.Exception is { } thrown) Fail(thrown.InnerException!.ToString());
        if (failure is not null) throw new SimulationException(this, failure);
    }

    private void RunOne()
    {
        var at = Random.Next(runnable.Count);
        var (lane, task) = runnable[at];
        runnable[at] = runnable[^1];
        runnable.RemoveAt(runnable.Count - 1);
        Mix((ulong)at);
        lane.Execute(task);
    }

    private void Advance()
    {
        due.TryDequeue(out var action, out var at);
        if (at.At > Now.Ticks) Now = TimeSpan.FromTicks(at.At);
        action!();
    }

    private void Mix(ulong value) => Trace = (Trace ^ value) * 1099511628211;
}
