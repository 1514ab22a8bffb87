using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Rollbook.Silo.Tests.Hosting;

/// <summary>Keeps every log line as it would be written, with its values, scopes and exception.</summary>
internal sealed class LogLines : ILoggerProvider, ISupportExternalScope
{
    private readonly ConcurrentQueue<string> lines = [];
    private IExternalScopeProvider scopes = new LoggerExternalScopeProvider();

    public int Count => lines.Count;

    public ILogger CreateLogger(string categoryName) => new Lines(this, categoryName);

    public void SetScopeProvider(IExternalScopeProvider scopeProvider) => scopes = scopeProvider;

    public void Dispose()
    {
    }

    public override string ToString() => string.Join('\n', lines);

    private sealed class Lines(LogLines all, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => all.scopes.Push(state);

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var values = state is IEnumerable<KeyValuePair<string, object?>> pairs ? string.Join(' ', pairs.Select(pair => $"{pair.Key}={pair.Value}")) : "";
            var line = $"{logLevel} {category} {formatter(state, exception)} {values} {exception}";
            all.scopes.ForEachScope((scope, _) => line += $" {scope}", 0);
            all.lines.Enqueue(line);
        }
    }
}
