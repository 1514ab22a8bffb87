namespace Rollbook.Cli;

/// <summary>What a script can tell from the end of a command. Documented in the help and in docs/cli.md.</summary>
internal static class ExitCode
{
    /// <summary>All done.</summary>
    public const int Ok = 0;

    /// <summary>Some of it failed, the recorder refused, or damage was found.</summary>
    public const int Failed = 1;

    /// <summary>The command line is wrong.</summary>
    public const int Usage = 2;

    /// <summary>No recorder answered: nothing is known about what was being written.</summary>
    public const int Unreachable = 3;

    /// <summary>No such episode, worker, file or directory.</summary>
    public const int NotFound = 4;

    /// <summary>Stopped by Ctrl-C.</summary>
    public const int Interrupted = 130;
}
