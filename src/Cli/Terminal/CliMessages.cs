namespace Rollbook.Cli;

/// <summary>Messages on the standard error, for a person or as JSON.</summary>
internal static class CliMessages
{
    /// <summary>What went wrong.</summary>
    public static void Error(CliHost host, bool json, string code, string message) =>
        host.Error.WriteLine(json ? CliJson.Error(code, message) : $"error: {TerminalText.Clean(message)} ({code})");

    /// <summary>What went well but should be known.</summary>
    public static void Note(CliHost host, bool json, string message) =>
        host.Error.WriteLine(json ? CliJson.Line(writer => writer.WriteString("note", message)) : $"note: {TerminalText.Clean(message)}");
}
