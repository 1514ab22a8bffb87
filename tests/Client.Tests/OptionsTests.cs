namespace Rollbook.Client.Tests;

/// <summary>Options are logged as they are.</summary>
public sealed class OptionsTests
{
    [Theory]
    [InlineData(null, "ApiKey = none")]
    [InlineData("rb_secret", "ApiKey = set")]
    public void ToString_OfOptions_KeepsTheSecretAndTellsTheRest(string? key, string told)
    {
        foreach (var options in new object[] { new RollbookClientOptions { ApiKey = key }, new RollbookHttpOptions { ApiKey = key } })
        {
            var text = options.ToString()!;
            Assert.DoesNotContain("secret", text, StringComparison.Ordinal);
            Assert.Contains(told, text, StringComparison.Ordinal);
            foreach (var property in options.GetType().GetProperties()) Assert.Contains($" {property.Name} = ", text, StringComparison.Ordinal);
        }
    }
}
