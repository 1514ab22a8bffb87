using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Rollbook.Client.Tests.Gateway;

/// <summary>Where the options of a hosted client come from.</summary>
public sealed class RollbookClientHostingTests
{
    [Fact]
    public void AddRollbookClient_WhenTheSectionHasValues_BindsThem()
    {
        var options = Options(("GiveUpAfter", "00:05:00"), ("MaxBatchBytes", "70000"));
        Assert.Equal((TimeSpan.FromMinutes(5), 70_000, "default"), (options.GiveUpAfter, options.MaxBatchBytes, options.Project));
    }

    [Fact]
    public void AddRollbookClient_WhenTheDelegateSetsAValueToo_KeepsTheDelegates() =>
        Assert.Equal(TimeSpan.FromMinutes(1), Options(static options => options.GiveUpAfter = TimeSpan.FromMinutes(1), ("GiveUpAfter", "00:05:00")).GiveUpAfter);

    [Fact]
    public void AddRollbookClient_WhenAKeyIsMisspelt_NamesIt() =>
        Assert.Contains("GiveUpAfterr", Assert.Throws<InvalidOperationException>(() => Options(("GiveUpAfterr", "00:05:00"))).Message, StringComparison.Ordinal);

    [Fact]
    public void AddRollbookClient_WhenAValueCannotBeUsed_NamesTheKeyAndTheCure() =>
        Assert.Contains(
            "Rollbook:Client:HeartbeatEvery is '00:01:00': give more than zero and less than 30 s",
            Assert.Throws<OptionsValidationException>(() => Options(("HeartbeatEvery", "00:01:00"))).Message,
            StringComparison.Ordinal);

    [Fact]
    public void AddRollbookClient_WhenTheHostHasNoConfiguration_TakesTheDefaults()
    {
        using var services = new ServiceCollection().AddRollbookClient().BuildServiceProvider();
        Assert.Equal(new RollbookClientOptions(), services.GetRequiredService<IOptions<RollbookClientOptions>>().Value);
    }

    private static RollbookClientOptions Options(params (string Key, string Value)[] values) => Options(null, values);

    private static RollbookClientOptions Options(Action<RollbookClientOptions>? configure, params (string Key, string Value)[] values)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(values.Select(value => KeyValuePair.Create<string, string?>($"Rollbook:Client:{value.Key}", value.Value)))
            .Build();
        using var services = new ServiceCollection().AddSingleton<IConfiguration>(configuration).AddRollbookClient(configure).BuildServiceProvider();
        return services.GetRequiredService<IOptions<RollbookClientOptions>>().Value;
    }
}
