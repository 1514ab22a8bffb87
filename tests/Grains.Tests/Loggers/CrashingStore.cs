using Rollbook.Loggers;

namespace Rollbook.Grains.Tests.Loggers;

/// <summary>A logger's durable state, whose writes may end the process.</summary>
internal sealed class CrashingStore(CrashPlan plan) : ILoggerStore
{
    public LoggerState Stored { get; private set; } = new();

    public Task WriteAsync(LoggerState state) => plan.CallAsync(() => Stored = state);
}
