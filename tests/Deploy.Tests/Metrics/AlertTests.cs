using System.Text.RegularExpressions;
using YamlDotNet.Serialization;
using YamlDotNet.Serialization.NamingConventions;

namespace Rollbook.Deploy.Tests.Metrics;

/// <summary>deploy/prometheus against a real silo.</summary>
public sealed class AlertTests(ExposedMetrics exposed) : IClassFixture<ExposedMetrics>
{
    private static readonly RuleFile File = new DeserializerBuilder().WithNamingConvention(CamelCaseNamingConvention.Instance).WithDuplicateKeyChecking().Build()
        .Deserialize<RuleFile>(DeployFiles.Read("deploy/prometheus/rollbook-rules.yaml"));

    private static List<AlertRule> Rules => [.. File.Groups.SelectMany(group => group.Rules)];

    [Fact]
    public void Expressions_NameOnlyWhatASiloExposes()
    {
        var check = new ExpressionCheck(exposed);
        Assert.True(Rules.Count > 15, $"only {Rules.Count} rules");
        Assert.Empty(Rules.SelectMany(rule => check.Problems(rule.Expr).Select(problem => $"{rule.Alert}: {problem}")));
    }

    [Fact]
    public void Problems_OfAWrongExpression_AreFound()
    {
        var check = new ExpressionCheck(exposed);
        Assert.Single(check.Problems("rate(rollbook_log_stepz_total[5m])"));
        Assert.Single(check.Problems("""rollbook_disk_free_bytes{disk="sda"}"""));
        Assert.Single(check.Problems("sum by (pod) (rollbook_disk_free_bytes)"));
        Assert.Single(check.Problems("""rate(http_server_request_duration_seconds_count{http_route="/v2/steps"}[1m])"""));
        Assert.Single(check.Problems("sums(rollbook_disk_free_bytes)"));
        Assert.Empty(check.Problems("""sum by (job) (rate(http_server_request_duration_seconds_count{job="x", http_route="/v1/steps"}[1m])) > 1"""));
    }

    [Fact]
    public async Task Rules_ArePrometheusOwn()
    {
        Assert.SkipUnless(Command.Exists("promtool"), "promtool is not installed (Debian: prometheus)");
        await Command.RunAsync("promtool", "check", "rules", "deploy/prometheus/rollbook-rules.yaml");
    }

    [Fact]
    public void Rules_AreWholeAndExplained()
    {
        var operations = DeployFiles.Read("docs/operations.md");
        Assert.Equal(Rules.Count, Rules.Select(rule => rule.Alert).Distinct().Count());
        Assert.Equal(File.Groups.Count, File.Groups.Select(group => group.Name).Distinct().Count());
        Assert.All(Rules, rule =>
        {
            Assert.Matches("^Rollbook[A-Z]", rule.Alert);
            Assert.Contains(rule.Labels["severity"], new[] { "warning", "critical" });
            Assert.NotEmpty(rule.Annotations["summary"]);
            Assert.Matches("^([0-9]+[smh])?$", rule.For ?? "");
            Assert.Contains($"`{rule.Alert}`", operations, StringComparison.Ordinal);
        });
        // A page for an alert that there is no more would be as bad.
        Assert.Equal(Rules.Select(rule => rule.Alert).Order(), Regex.Matches(operations, "`(Rollbook[A-Z]\\w+)`").Select(match => match.Groups[1].Value).Distinct().Order());
    }
}
