using Microsoft.Extensions.Logging;
using Rollbook.Recovery;
using Rollbook.Simulation.Tests.Engine;

namespace Rollbook.Simulation.Tests.Cluster;

/// <summary>Recovery goes on past a log that fails and only tells of it: what is no fault of the network fails the run.</summary>
internal sealed class RecoveryFailures(World world) : ILogger<LogRecovery>
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (eventId.Name is "LogNotFenced" or "LogNotRecovered" && exception is not TimeoutException) world.Fail($"{formatter(state, exception)} {exception}");
    }
}
