using Rollbook.Hosting;
using Rollbook.Silo.Http;

namespace Rollbook.Silo.Hosting;

/// <summary>
/// Ends the process when its log or database failed. It must be gone within a second: a silo that can't write must not hold
/// activations, and a supervisor starts the next one, which recovers what is durable.
/// </summary>
internal sealed partial class PoisonExit(IHostApplicationLifetime lifetime, Readiness readiness, TimeProvider time, ILogger<PoisonExit> log)
{
    /// <summary>The exit code: an input or output error (sysexits EX_IOERR).</summary>
    public const int ExitCode = 74;

    private static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(500);

    /// <summary>The handler that the recorder calls.</summary>
    public PoisonHandler Handler => new(End);

    private void End(Exception reason)
    {
        LogEnd(log, reason.Message);
        readiness.Set(false);
        Environment.ExitCode = ExitCode;
        lifetime.StopApplication();
        _ = ExitAsync();
    }

    private async Task ExitAsync()
    {
        await Task.Delay(Grace, time);
        Environment.Exit(ExitCode);
    }

    [LoggerMessage(1, LogLevel.Critical, "Storage failed and is not tried again: {Reason} The process ends; nothing that was acknowledged is lost.")]
    private static partial void LogEnd(ILogger log, string reason);
}
