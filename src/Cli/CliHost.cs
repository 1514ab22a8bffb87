using System.Text;
using Spectre.Console;

namespace Rollbook.Cli;

/// <summary>What surrounds a run of the program: its streams, its environment, its clock.</summary>
internal sealed class CliHost(TextWriter output, TextWriter error, Func<string, string?> variable)
{
    // Wide enough for a table that goes into a file or a pipe, where nothing wraps.
    private const int PipeWidth = 160;

    public TextWriter Out => output;

    public TextWriter Error => error;

    public bool OutIsTerminal { get; init; }

    public bool ErrorIsTerminal { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;

    public string? Variable(string name) => variable(name) is { Length: > 0 } value ? value : null;

    /// <summary>A console on the standard output: results.</summary>
    public IAnsiConsole OutConsole() => NewConsole(output, OutIsTerminal);

    /// <summary>A console on the standard error: progress and messages.</summary>
    public IAnsiConsole ErrorConsole() => NewConsole(error, ErrorIsTerminal);

    public static CliHost OfProcess()
    {
        var utf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        return new CliHost(
            new StreamWriter(Console.OpenStandardOutput(), utf8, 64 * 1024) { AutoFlush = !Console.IsOutputRedirected },
            new StreamWriter(Console.OpenStandardError(), utf8) { AutoFlush = true },
            Environment.GetEnvironmentVariable)
        {
            OutIsTerminal = !Console.IsOutputRedirected,
            ErrorIsTerminal = !Console.IsErrorRedirected,
        };
    }

    private static IAnsiConsole NewConsole(TextWriter writer, bool terminal)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(writer),
            Ansi = terminal ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = terminal ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Interactive = terminal ? InteractionSupport.Detect : InteractionSupport.No,
        });
        if (!terminal)
            console.Profile.Width = PipeWidth;
        return console;
    }
}
