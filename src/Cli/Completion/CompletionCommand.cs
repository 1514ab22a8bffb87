using System.CommandLine;
using System.Reflection;

namespace Rollbook.Cli;

/// <summary><c>rollbook completion</c>: a script for a shell, which asks the program itself what may come next.</summary>
internal static class CompletionCommand
{
    private const string About = """
        Print a script that completes commands, options and their values in a shell.

        The script asks the program for its completions, so that it never goes out of date.

        Examples:
          source <(rollbook completion bash)                                              this shell
          rollbook completion bash > /etc/bash_completion.d/rollbook                       all shells
          rollbook completion zsh > "${fpath[1]}/_rollbook"
          rollbook completion fish > ~/.config/fish/completions/rollbook.fish
        """;

    public static Command Create(CliHost host)
    {
        var shell = new Argument<string>("SHELL") { Description = "bash, zsh or fish." };
        shell.AcceptOnlyFromAmong("bash", "zsh", "fish");
        var command = DetailedHelp.NewCommand("completion", About);
        command.Add(shell);
        command.SetAction(parsed => host.Out.Write(Script(parsed.GetRequiredValue(shell))));
        return command;
    }

    private static string Script(string shell)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"rollbook.{shell}")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }
}
