using Rollbook.Azure;
using Xunit;

namespace Rollbook.Grains.Tests.Azure.Connect;

public sealed class AzureOptionsValidatorTests
{
    private const string Connection = "DefaultEndpointsProtocol=https;AccountName=rollbook;AccountKey=c2VjcmV0;EndpointSuffix=core.windows.net";

    [Fact]
    public void Validate_OfEachWayToNameTheAccount_IsGood()
    {
        Assert.Empty(Faults(new AzureOptions { ConnectionString = Connection }));
        Assert.Empty(Faults(new AzureOptions { AccountName = "rollbook1" }));
        Assert.Empty(Faults(new AzureOptions { TableServiceUri = new Uri("https://rollbook.table.core.usgovcloudapi.net") }));
        Assert.Empty(Faults(new AzureOptions { AccountName = "rollbook1", TableServiceUri = new Uri("https://rollbook1.table.storage.azure.net") }));
        Assert.Empty(Faults(new AzureOptions { UseEmulator = true }));
    }

    [Fact]
    public void Validate_WithoutAnAccount_NamesTheKeys() =>
        Assert.Contains("Set Rollbook:Azure:AccountName", Assert.Single(Faults(new AzureOptions())));

    [Fact]
    public void Validate_WithTwoAccounts_NamesBoth() => Assert.Contains(
        "by ConnectionString and UseEmulator", Assert.Single(Faults(new AzureOptions { ConnectionString = Connection, UseEmulator = true })));

    [Theory]
    [InlineData("rollbook.table.core.windows.net")]
    [InlineData("AccountName=rollbook;AccountKey=secret!")]
    [InlineData("")]
    public void Validate_OfABrokenConnectionString_SaysSoWithoutTheSecret(string text)
    {
        var fault = Assert.Single(Faults(new AzureOptions { ConnectionString = text }));

        Assert.StartsWith("Rollbook:Azure:ConnectionString is no connection string", fault);
        Assert.DoesNotContain("secret!", fault);
    }

    [Theory]
    [InlineData("https://rollbook.table.core.windows.net")]
    [InlineData("Rollbook")]
    [InlineData("r")]
    public void Validate_OfABrokenAccountName_NamesIt(string account) =>
        Assert.StartsWith($"Rollbook:Azure:AccountName is '{account}'", Assert.Single(Faults(new AzureOptions { AccountName = account })));

    [Theory]
    [InlineData("http://rollbook.table.core.windows.net")]
    [InlineData("rollbook")]
    public void Validate_OfAnAddressWithoutTransportSecurity_NamesIt(string address) => Assert.StartsWith(
        "Rollbook:Azure:TableServiceUri is", Assert.Single(Faults(new AzureOptions { TableServiceUri = new Uri(address, UriKind.RelativeOrAbsolute) })));

    [Theory]
    [InlineData("with-dash")]
    [InlineData("1st")]
    [InlineData("ab")]
    [InlineData("")]
    public void Validate_OfABrokenTableName_NamesIt(string table) => Assert.StartsWith(
        $"Rollbook:Azure:HeaderTable is '{table}'", Assert.Single(Faults(new AzureOptions { UseEmulator = true, HeaderTable = table })));

    [Fact]
    public void Validate_OfOneTableTwice_NamesBothKeys() => Assert.StartsWith(
        "Rollbook:Azure:HeaderTable and Rollbook:Azure:LogTable are both",
        Assert.Single(Faults(new AzureOptions { UseEmulator = true, HeaderTable = "Rollbook", LogTable = "rollbook" })));

    private static IEnumerable<string> Faults(AzureOptions options) => new AzureOptionsValidator().Validate(null, options).Failures ?? [];
}
