using System.CommandLine;
using System.CommandLine.Parsing;

namespace Rollbook.Cli;

/// <summary>The options that choose episodes, by the API's parameters.</summary>
internal sealed class FilterOptions
{
    private readonly List<(Option<string[]> Option, string Parameter)> _options =
    [
        (New("--task", "TASK", "Of this task."), "task"),
        (New("--variant", "ID", "Of this variant."), "variant_id"),
        (New("--worker", "NAME", "Of this worker."), "worker"),
        (New("--group", "ID", "Of this group."), "group_id"),
        (New("--policy", "VERSION", "Of this policy."), "policy_version"),
        (New("--environment", "NAME", "Of this environment."), "environment"),
        (Statuses(), "status"),
        (New("--label", "LABEL", "With this label; several: with all of them."), "label"),
        (New("--min-score", "N", "With at least this final score."), "min_score"),
        (New("--max-score", "N", "With at most this final score."), "max_score"),
        (New("--since", "TIME", "Begun then or later: 2026-01-31, 2026-01-31T12:00:00Z or Unix seconds."), "since"),
        (New("--until", "TIME", "Begun before."), "until"),
    ];

    /// <summary>Adds them to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (var (option, _) in _options)
            command.Add(option);
    }

    /// <summary>Whether any was given.</summary>
    public bool AreGiven(CommandResult result) => _options.Any(option => result.GetResult(option.Option) is { Implicit: false });

    /// <summary>The parameters that were given.</summary>
    public List<KeyValuePair<string, string>> Read(ParseResult parsed) =>
        [.. _options.SelectMany(option => parsed.GetRequiredValue(option.Option).Select(value => KeyValuePair.Create(option.Parameter, value)))];

    private static Option<string[]> Statuses()
    {
        var option = New("--status", "STATUS", "running, completed, superseded, aborted or lost.");
        option.AcceptOnlyFromAmong("running", "completed", "superseded", "aborted", "lost");
        return option;
    }

    private static Option<string[]> New(string name, string value, string description) =>
        new(name) { Description = description, HelpName = value, DefaultValueFactory = _ => [] };
}
