using System.Text.RegularExpressions;

namespace Rollbook.Deploy.Tests.Metrics;

/// <summary>The names in an expression of Prometheus' query language.</summary>
internal sealed partial class PromQl
{
    private static readonly HashSet<string> Words = ["and", "or", "unless", "by", "without", "on", "ignoring", "group_left", "group_right", "offset", "bool"];

    public PromQl(string expression)
    {
        Selectors = [.. Selector().Matches(expression).Select(static match => new PromSelector(
            match.Groups["metric"].Value,
            [.. Matcher().Matches(match.Groups["matchers"].Value).Select(static m => (m.Groups["label"].Value, m.Groups["value"].Value))]))];
        var rest = Selector().Replace(expression, " ");
        var grouped = Grouping().Matches(rest);
        Groupings = [.. grouped.SelectMany(static match => match.Groups["labels"].Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))];
        rest = Range().Replace(Grouping().Replace(rest, " "), " ");
        Functions = [.. Function().Matches(rest).Select(static match => match.Value)];
        Bare = [.. Name().Matches(Function().Replace(rest, " ")).Select(static match => match.Value).Where(static word => !Words.Contains(word))];
    }

    /// <summary>Metrics with matchers behind them.</summary>
    public IReadOnlyList<PromSelector> Selectors { get; }

    /// <summary>Labels in by, without, on and ignoring.</summary>
    public IReadOnlyList<string> Groupings { get; }

    public IReadOnlyList<string> Functions { get; }

    /// <summary>Metrics without matchers.</summary>
    public IReadOnlyList<string> Bare { get; }

    public IEnumerable<string> Metrics => Selectors.Select(static selector => selector.Metric).Concat(Bare);

    [GeneratedRegex("""(?<metric>[a-zA-Z_:][\w:]*)\s*\{(?<matchers>(?:[^"}]|"(?:[^"\\]|\\.)*")*)\}""")]
    private static partial Regex Selector();

    [GeneratedRegex("""(?<label>[a-zA-Z_]\w*)\s*(?:=~|!~|!=|=)\s*"(?<value>(?:[^"\\]|\\.)*)"\s*(?:,|$)""")]
    private static partial Regex Matcher();

    [GeneratedRegex(@"\b(?:by|without|on|ignoring|group_left|group_right)\s*\((?<labels>[^)]*)\)")]
    private static partial Regex Grouping();

    [GeneratedRegex(@"\[[^\]]*\]")]
    private static partial Regex Range();

    [GeneratedRegex(@"\b[a-z][a-z_0-9]*(?=\s*\()")]
    private static partial Regex Function();

    [GeneratedRegex(@"(?<![\w.])[a-zA-Z_:][\w:]*")]
    private static partial Regex Name();
}
