using System.Text.Json.Nodes;

namespace Rollbook.Deploy.Tests.Metrics;

/// <summary>deploy/grafana against a real silo.</summary>
public sealed class DashboardTests(ExposedMetrics exposed) : IClassFixture<ExposedMetrics>
{
    private static readonly JsonNode Dashboard = JsonNode.Parse(DeployFiles.Read("deploy/grafana/rollbook.json"))!;

    private static IEnumerable<JsonNode> Panels => Dashboard["panels"]!.AsArray().Select(panel => panel!);

    [Fact]
    public void Expressions_NameOnlyWhatASiloExposes()
    {
        var check = new ExpressionCheck(exposed);
        var expressions = Panels.SelectMany(panel => panel["targets"]?.AsArray() ?? []).Concat(Dashboard["annotations"]!["list"]!.AsArray()).Select(target => (string)target!["expr"]!).ToList();
        Assert.True(expressions.Count > 30, $"only {expressions.Count} expressions");
        Assert.Empty(expressions.SelectMany(expression => check.Problems(expression).Select(problem => $"{expression}: {problem}")));
    }

    [Fact]
    public void Variables_AreThoseThatExpressionsUse()
    {
        var names = Dashboard["templating"]!["list"]!.AsArray().Select(variable => (string)variable!["name"]!).ToList();
        Assert.Equal(["datasource", "job", "instance"], names);
        var used = System.Text.RegularExpressions.Regex.Matches(Dashboard.ToJsonString(), @"\$\{?(\w+)").Select(match => match.Groups[1].Value)
            .Where(name => !name.StartsWith("__", StringComparison.Ordinal)).Distinct().Order();
        Assert.Equal(names.Order(), used);
    }

    [Fact]
    public void Panels_HaveIdsTitlesAndPlacesOfTheirOwn()
    {
        var panels = Panels.ToList();
        Assert.Equal(panels.Count, panels.Select(panel => (int)panel["id"]!).Distinct().Count());
        var taken = new HashSet<(int, int)>();
        foreach (var panel in panels)
        {
            var place = panel["gridPos"]!;
            for (var x = 0; x < (int)place["w"]!; x++)
                for (var y = 0; y < (int)place["h"]!; y++)
                    Assert.True((int)place["x"]! + x < 24 && taken.Add(((int)place["x"]! + x, (int)place["y"]! + y)), $"'{panel["title"]}' lies over another");
            Assert.NotEmpty((string)panel["title"]!);
        }
    }
}
