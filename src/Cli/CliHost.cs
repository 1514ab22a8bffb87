using System.Security.Cryptography;
using System.Text;
using Spectre.Console;

namespace Rollbook.Cli;

/// <summary>What surrounds a run of the program: its streams, its environment, its clock.</summary>
internal sealed class CliHost(TextWriter output, TextWriter error, Func<string, string?> variable)
{
    // Wide enough for a table that goes into a file or a pipe, where nothing wraps.
    private const int PipeWidth = 160;

    /// <summary>The standard input.</summary>
    public Func<Stream> In { get; init; } = Console.OpenStandardInput;

    public TextWriter Out => output;

    public TextWriter Error => error;

    /// <summary>Whether a person types.</summary>
    public bool InIsTerminal { get; init; }

    public bool OutIsTerminal { get; init; }

    public bool ErrorIsTerminal { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>An id for an event that is new by definition: the call's own retries share it.</summary>
    public Func<string> NewEventId { get; init; } = () => "cli-" + RandomNumberGenerator.GetHexString(32, lowercase: true);

    public string? Variable(string name) => variable(name) is { Length: > 0 } value ? value : null;

    /// <summary>A console on the standard output: results.</summary>
    public IAnsiConsole OutConsole(ColorMode color = ColorMode.Auto) => NewConsole(output, OutIsTerminal, color);

    /// <summary>A console on the standard error: progress and messages.</summary>
    public IAnsiConsole ErrorConsole() => NewConsole(error, ErrorIsTerminal, ColorMode.Auto);

    public static CliHost OfProcess()
    {
        var utf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        return new CliHost(
            new StreamWriter(Console.OpenStandardOutput(), utf8, 64 * 1024) { AutoFlush = !Console.IsOutputRedirected },
            new StreamWriter(Console.OpenStandardError(), utf8) { AutoFlush = true },
            Environment.GetEnvironmentVariable)
        {
            InIsTerminal = !Console.IsInputRedirected,
            OutIsTerminal = !Console.IsOutputRedirected,
            ErrorIsTerminal = !Console.IsErrorRedirected,
        };
    }

    private IAnsiConsole NewConsole(TextWriter writer, bool terminal, ColorMode color)
    {
        // https://no-color.org: any value but an empty one; what the person says in the command itself goes before it.
        var ansi = terminal && (OperatingSystem.IsWindows() || Variable("TERM") is not (null or "dumb"));
        var coloured = color == ColorMode.Always || (color == ColorMode.Auto && ansi && Variable("NO_COLOR") is null);
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(writer),
            // Decided here, not detected: the library would ask the process's environment, which is not always the host's.
            Ansi = ansi || coloured ? AnsiSupport.Yes : AnsiSupport.No,
            ColorSystem = coloured ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
            Interactive = terminal ? InteractionSupport.Detect : InteractionSupport.No,
            // The library would read NO_COLOR and the like by itself: the decision is taken above.
            EnvironmentVariables = new Dictionary<string, string> { ["TERM"] = Variable("TERM") ?? "", ["COLORTERM"] = Variable("COLORTERM") ?? "" },
        });
        if (!terminal)
            console.Profile.Width = PipeWidth;
        return console;
    }
}
