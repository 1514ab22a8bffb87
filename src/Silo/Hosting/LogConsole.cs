using Microsoft.Extensions.Logging.Console;

namespace Rollbook.Silo.Hosting;

/// <summary>Writes log lines to the standard error.</summary>
internal static class LogConsole
{
    /// <summary>Adds the console in the wanted format.</summary>
    public static void AddConsole(this ILoggingBuilder logging, LogFormat format)
    {
        if (format == LogFormat.Json)
        {
            logging.AddJsonConsole(static console =>
            {
                console.UseUtcTimestamp = true;
                console.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ";
            });
        }
        else
        {
            logging.AddSimpleConsole(static console =>
            {
                console.SingleLine = true;
                console.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffzzz ";
                console.ColorBehavior = LoggerColorBehavior.Default;
            });
        }

        // Standard output belongs to the line that scripts wait for, and to the demo's screen.
        logging.Services.Configure<ConsoleLoggerOptions>(static console => console.LogToStandardErrorThreshold = LogLevel.Trace);
    }
}
