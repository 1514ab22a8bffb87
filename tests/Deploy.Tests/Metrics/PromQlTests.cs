namespace Rollbook.Deploy.Tests.Metrics;

public sealed class PromQlTests
{
    [Fact]
    public void Names_OfAnExpression_AreFound()
    {
        var query = new PromQl("""
            histogram_quantile(0.99, sum by (job, le) (rate(a_bucket{x="1}", y=~"p|q{r}"}[5m]))) > 1e3 and on (job) b - 2 * scalar(max without (z) (c{}))
            """);

        Assert.Equal(["a_bucket", "c"], query.Selectors.Select(selector => selector.Metric));
        Assert.Equal([("x", "1}"), ("y", "p|q{r}")], query.Selectors[0].Matchers);
        Assert.Equal(["job", "le", "job", "z"], query.Groupings);
        Assert.Equal(["b"], query.Bare);
        Assert.Equal(["histogram_quantile", "sum", "rate", "scalar", "max"], query.Functions);
    }
}
