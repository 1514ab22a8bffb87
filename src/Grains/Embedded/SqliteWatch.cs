using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Rollbook.Embedded;

/// <summary>Stops the host once the database takes no more calls: a silo that can't write must not hold activations.</summary>
internal sealed partial class SqliteWatch(SqliteDatabase database, IHostApplicationLifetime host, ILogger<SqliteWatch> log) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Ends quietly at a normal stop, too.
        await Task.WhenAny(database.Poisoned, Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stoppingToken));
        if (!database.Poisoned.IsCompleted) return;
        LogPoisoned(log, await database.Poisoned);
        // The service manager must see a failure, and start the process again.
        Environment.ExitCode = 1;
        host.StopApplication();
    }

    [LoggerMessage(Level = LogLevel.Critical, Message = "The embedded database failed while it committed: the process stops. Nothing acknowledged is lost; look at the disk, then start again.")]
    private static partial void LogPoisoned(ILogger log, Exception cause);
}
