using Xunit;

namespace Rollbook.Cli.Tests.Bench;

public sealed class BenchPlanTests
{
    [Theory]
    [InlineData(null, "ApiKey = none")]
    [InlineData("rb_secret", "ApiKey = set")]
    public void ToString_KeepsTheSecretAndTellsTheRest(string? key, string told)
    {
        var text = new BenchPlan
        {
            Via = BenchPlan.Http,
            Mode = BenchPlan.Batches,
            Episodes = 1,
            Length = TimeSpan.FromSeconds(1),
            Warmup = TimeSpan.Zero,
            Batch = 1,
            Connections = 1,
            Seed = 1,
            Limits = false,
            ApiKey = key,
        }.ToString();
        Assert.DoesNotContain("secret", text, StringComparison.Ordinal);
        Assert.Contains(told, text, StringComparison.Ordinal);
        foreach (var property in typeof(BenchPlan).GetProperties()) Assert.Contains($" {property.Name} = ", text, StringComparison.Ordinal);
    }
}
