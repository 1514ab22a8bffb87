namespace Rollbook.Silo.Demo;

/// <summary>Where the workers tell what came to pass, and the screen reads it. Thread-safe.</summary>
internal sealed class DemoBoard(TimeProvider time, int? exit)
{
    private const int KeptAcks = 2_048;
    private const int KeptEndings = 6;
    private static readonly TimeSpan RateWindow = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly long _start = time.GetTimestamp();
    private readonly double[] _acks = new double[KeptAcks];
    private readonly Queue<long> _recent = new();
    private readonly Dictionary<string, int> _ended = [];
    private readonly SortedDictionary<string, (int Scored, double Sum, int Solved)> _tasks = new(StringComparer.Ordinal);
    private readonly Dictionary<int, int> _groups = [];
    private readonly LinkedList<EndedRollout> _last = [];
    private readonly TaskCompletionSource<EndedRollout> _firstGroup = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _full = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private EndedRollout? _example;
    private int _running;
    private long _steps;
    private string? _trouble;

    /// <summary>Comes when all eight siblings of a group have ended, with a completed episode of the run.</summary>
    public Task<EndedRollout> FirstGroup => _firstGroup.Task;

    /// <summary>Comes when as many episodes have ended as the demo was asked for.</summary>
    public Task Full => _full.Task;

    /// <summary>An episode was started.</summary>
    public void Started()
    {
        lock (_lock)
            _running++;
    }

    /// <summary>A step was acknowledged.</summary>
    public void Acknowledged(TimeSpan took)
    {
        lock (_lock)
        {
            _acks[_steps++ % KeptAcks] = took.TotalMilliseconds;
            _recent.Enqueue(time.GetTimestamp());
        }
    }

    /// <summary>An episode's ending is known.</summary>
    public void EndedAs(EndedRollout rollout)
    {
        lock (_lock)
        {
            _running--;
            _ended[rollout.Status] = _ended.GetValueOrDefault(rollout.Status) + 1;
            if (rollout.Score is { } score)
            {
                var task = _tasks.GetValueOrDefault(rollout.Plan.Task.Name);
                _tasks[rollout.Plan.Task.Name] = (task.Scored + 1, task.Sum + score, task.Solved + (score >= 1 ? 1 : 0));
            }
            _last.AddFirst(rollout);
            if (_last.Count > KeptEndings)
                _last.RemoveLast();
            if (rollout.Status == "completed")
                _example ??= rollout;
            CountGroup(rollout.Plan.Group);
            if (_ended.Values.Sum() >= exit)
                _full.TrySetResult();
        }
    }

    /// <summary>A worker failed and will begin anew.</summary>
    public void Failed(string message)
    {
        lock (_lock)
            _trouble = message;
    }

    /// <summary>Reads it all at one moment.</summary>
    public BoardView Read()
    {
        lock (_lock)
        {
            var elapsed = time.GetElapsedTime(_start);
            while (_recent.TryPeek(out var first) && time.GetElapsedTime(first) > RateWindow)
                _recent.Dequeue();
            var window = Math.Min(RateWindow.TotalSeconds, elapsed.TotalSeconds);
            return new BoardView
            {
                Elapsed = elapsed,
                Running = _running,
                Ended = new Dictionary<string, int>(_ended),
                Steps = _steps,
                StepsPerSecond = window > 0 ? _recent.Count / window : 0,
                AckMilliseconds = Quantiles(),
                Tasks = [.. _tasks.Select(task => new TaskScore(
                    task.Key, task.Value.Scored, task.Value.Sum / task.Value.Scored, (double)task.Value.Solved / task.Value.Scored))],
                Last = [.. _last],
                Trouble = _trouble,
            };
        }
    }

    private void CountGroup(int group)
    {
        var ended = _groups[group] = _groups.GetValueOrDefault(group) + 1;
        if (ended < EpisodePlan.GroupSize)
            return;
        _groups.Remove(group);
        if (_example is not null)
            _firstGroup.TrySetResult(_example);
    }

    private (double P50, double P99)? Quantiles()
    {
        var count = (int)Math.Min(_steps, KeptAcks);
        if (count == 0)
            return null;
        var sorted = _acks[..count];
        Array.Sort(sorted);
        return (sorted[(count - 1) / 2], sorted[(int)Math.Ceiling(count * 0.99) - 1]);
    }
}
