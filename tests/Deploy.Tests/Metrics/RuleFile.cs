namespace Rollbook.Deploy.Tests.Metrics;

/// <summary>A file of alert rules: what isn't named here is refused.</summary>
internal sealed class RuleFile
{
    public List<RuleGroup> Groups { get; set; } = [];
}
