using Microsoft.Extensions.Configuration;
using Rollbook.Silo.Hosting;

namespace Rollbook.Silo.Tests.Hosting;

/// <summary>Options from three places, checked before anything is built.</summary>
public sealed class OptionsReaderTests
{
    [Fact]
    public void Read_NothingGiven_IsTheDefault()
    {
        var options = Read([]);
        Assert.Equal("http://127.0.0.1:5080", options.Urls);
        Assert.Equal("./rollbook-data", options.Data);
        Assert.Equal((0, 0, false, null), (options.SiloPort, options.GatewayPort, options.Demo, options.Exit));
    }

    [Fact]
    public void Read_CommandLine_WinsOverEnvironment()
    {
        var options = Read(
            ["--urls=http://127.0.0.1:1;http://[::1]:2", "--data", "/tmp/x", "--silo-port", "3", "--demo", "--exit", "24"],
            new() { ["ROLLBOOK_DATA"] = "/tmp/y", ["ROLLBOOK_GATEWAY_PORT"] = "4", ["ROLLBOOK_DEMO"] = "0" });
        Assert.Equal("http://127.0.0.1:1;http://[::1]:2", options.Urls);
        Assert.Equal("/tmp/x", options.Data);
        Assert.Equal((3, 4, true, 24), (options.SiloPort, options.GatewayPort, options.Demo, options.Exit));
    }

    [Theory]
    [InlineData("--silo-port", "70000", "--silo-port (ROLLBOOK_SILO_PORT, Rollbook:SiloPort)")]
    [InlineData("--gateway-port", "x", "--gateway-port (ROLLBOOK_GATEWAY_PORT, Rollbook:GatewayPort)")]
    [InlineData("--urls", "", "--urls (ROLLBOOK_URLS, Rollbook:Urls)")]
    [InlineData("--urls", "nonsense", "--urls (ROLLBOOK_URLS, Rollbook:Urls)")]
    [InlineData("--urls", "https://127.0.0.1:5080", "must begin with http://")]
    [InlineData("--exit", "5", "add --demo")]
    [InlineData("--data", "", "--data (ROLLBOOK_DATA, Rollbook:Data)")]
    [InlineData("--nonsense", "5", "--help")]
    public void Read_BadValue_NamesKeyAndCure(string name, string value, string text) =>
        Assert.Contains(text, Assert.Throws<BadOptionsException>(() => Read([name, value])).Message, StringComparison.Ordinal);

    [Fact]
    public void Read_ValueMissing_SaysSo() =>
        Assert.Contains("--data DIR", Assert.Throws<BadOptionsException>(() => Read(["--data"])).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("http://0.0.0.0:5080")]
    [InlineData("http://*:5080")]
    [InlineData("http://+:5080")]
    [InlineData("http://[::]:5080")]
    [InlineData("http://192.168.1.5:5080")]
    [InlineData("http://example.com:5080")]
    [InlineData("http://127.0.0.1.example.com:5080")]
    [InlineData("http://127.0.0.1:5080;http://10.0.0.1:5080")]
    public void Read_AddressThatOthersReach_IsRefused(string urls)
    {
        Assert.Contains("--insecure-i-understand", Assert.Throws<BadOptionsException>(() => Read(["--urls", urls])).Message, StringComparison.Ordinal);
        Assert.Equal(urls, Read(["--urls", urls, "--insecure-i-understand"]).Urls);
    }

    [Fact]
    public void Read_KestrelEndpoints_AreRefused()
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(new Dictionary<string, string?> { ["Kestrel:Endpoints:X:Url"] = "http://0.0.0.0:80" }).Build();
        Assert.Throws<BadOptionsException>(() => OptionsReader.Read(configuration));
    }

    [Fact]
    public void Usage_NamesEveryOption()
    {
        foreach (var setting in Settings.All) Assert.Contains(setting.Argument, Usage.Text(), StringComparison.Ordinal);
        Assert.Equal(
            typeof(RollbookOptions).GetProperties().Select(property => property.Name).Order(),
            Settings.All.Select(setting => setting.Key).Order());
    }

    private static RollbookOptions Read(string[] args, Dictionary<string, string>? environment = null) => OptionsReader.Read(
        new ConfigurationBuilder()
            .AddInMemoryCollection(Settings.OfEnvironment(name => environment?.GetValueOrDefault(name)))
            .AddInMemoryCollection(Settings.OfArguments(args)).Build());
}
