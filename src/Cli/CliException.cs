namespace Rollbook.Cli;

/// <summary>A command can't go on. The message says what is wrong and what to do.</summary>
internal sealed class CliException(int exitCode, string code, string message) : Exception(message)
{
    public int ExitCode => exitCode;

    /// <summary>Stable across releases, for scripts.</summary>
    public string Code => code;
}
