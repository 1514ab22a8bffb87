using Rollbook.StepLog;

namespace Rollbook.Simulation.Tests.Cluster;

/// <summary>Tells that somebody begins to put a log's fence, for those who are to meddle with it.</summary>
internal sealed class FenceSignal
{
    private readonly Dictionary<LogId, TaskCompletionSource> waiting = [];

    public void Begin(LogId log)
    {
        if (waiting.Remove(log, out var signal)) signal.TrySetResult();
    }

    /// <summary>Completes when the next fence of this log begins.</summary>
    public Task Next(LogId log)
    {
        if (!waiting.TryGetValue(log, out var signal)) waiting[log] = signal = new TaskCompletionSource();
        return signal.Task;
    }
}
