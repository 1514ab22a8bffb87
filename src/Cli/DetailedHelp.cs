using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.Runtime.CompilerServices;

namespace Rollbook.Cli;

/// <summary>The library's help, then what a command says of itself in full, and its examples.</summary>
internal sealed class DetailedHelp(HelpAction inner) : SynchronousCommandLineAction
{
    // A symbol has one description, which the list of commands shows whole: the rest must live beside it.
    private static readonly ConditionalWeakTable<Command, string> Details = [];

    public override bool ClearsParseErrors => true;

    /// <summary>Makes a command out of a text whose first line is its description and whose rest is its help.</summary>
    public static Command NewCommand(string name, string about)
    {
        var end = about.IndexOf('\n', StringComparison.Ordinal);
        var command = new Command(name, about[..end].Trim());
        Details.Add(command, about[end..].Trim('\r', '\n'));
        return command;
    }

    public static void Install(RootCommand root, string details)
    {
        Details.Add(root, details);
        var help = root.Options.OfType<HelpOption>().Single();
        // Not -? and /h: a shell would offer all of them.
        help.Aliases.Clear();
        help.Aliases.Add("-h");
        help.Action = new DetailedHelp((HelpAction)help.Action!);
    }

    public override int Invoke(ParseResult parseResult)
    {
        var result = inner.Invoke(parseResult);
        if (Details.TryGetValue(parseResult.CommandResult.Command, out var details))
            parseResult.InvocationConfiguration.Output.WriteLine(details);
        return result;
    }
}
