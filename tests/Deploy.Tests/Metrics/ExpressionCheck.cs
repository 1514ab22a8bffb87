namespace Rollbook.Deploy.Tests.Metrics;

/// <summary>Holds an expression against what a silo exposes.</summary>
internal sealed class ExpressionCheck(ExposedMetrics exposed)
{
    // What Prometheus itself gives to whatever it scrapes.
    private static readonly string[] ScrapeMetrics = ["up"];
    private static readonly string[] ScrapeLabels = ["job", "instance"];
    // Of Prometheus' documentation; a name that is misspelt would make the whole file be refused.
    private static readonly string[] Functions =
        ["histogram_quantile", "sum", "max", "min", "avg", "rate", "increase", "resets", "predict_linear", "max_over_time", "scalar", "topk"];

    /// <summary>What is wrong with the expression.</summary>
    public IEnumerable<string> Problems(string expression)
    {
        var query = new PromQl(expression);
        var metrics = query.Metrics.ToList();
        if (metrics.Count == 0) yield return "names no metric";
        foreach (var function in query.Functions.Except(Functions)) yield return $"{function} is no function that is known here";
        foreach (var metric in metrics.Except(ScrapeMetrics).Where(metric => !exposed.Samples.ContainsKey(metric))) yield return $"the silo exposes no {metric}";
        foreach (var selector in query.Selectors)
        {
            foreach (var (label, value) in selector.Matchers.Where(matcher => !ScrapeLabels.Contains(matcher.Label)))
            {
                var values = exposed.Samples.GetValueOrDefault(selector.Metric)?.GetValueOrDefault(label);
                if (values is null) yield return $"{selector.Metric} has no label {label}";
                else if (label == "http_route" && value.Split('|').Except(values).FirstOrDefault() is { } route) yield return $"there is no route {route}";
            }
        }

        foreach (var label in query.Groupings.Except(ScrapeLabels))
            if (!metrics.Any(metric => exposed.Samples.GetValueOrDefault(metric)?.ContainsKey(label) == true)) yield return $"no metric of it has the label {label}";
    }
}
