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
    [InlineData("--urls", "ftp://127.0.0.1:5080", "must begin with http://")]
    [InlineData("--urls", "https://127.0.0.1:5080", "--tls-cert (ROLLBOOK_TLS_CERT, Rollbook:TlsCert)")]
    [InlineData("--tls-cert", "/c.pem", "begins with https://")]
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

    [Theory]
    [InlineData("http://0.0.0.0:5080", new[] { "--require-keys" }, "unencrypted")]
    [InlineData("http://0.0.0.0:5080", new[] { "--tls-at-proxy" }, "nobody is asked")]
    [InlineData("https://0.0.0.0:5443", new[] { "--tls-cert", "c.pem" }, "nobody is asked")]
    [InlineData("https://0.0.0.0:5443;http://10.0.0.1:5080", new[] { "--tls-cert", "c.pem", "--require-keys" }, "10.0.0.1")]
    public void Read_AddressThatOthersReach_NeedsKeysAndTls(string urls, string[] more, string text) =>
        Assert.Contains(text, Assert.Throws<BadOptionsException>(() => Read(["--urls", urls, .. more])).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("https://0.0.0.0:5443", "--tls-cert", "c.pem", "--require-keys")]
    [InlineData("https://0.0.0.0:5443;http://127.0.0.1:5080", "--tls-cert", "c.pem", "--require-keys")]
    [InlineData("http://0.0.0.0:5080", "--tls-at-proxy", "--require-keys")]
    [InlineData("http://127.0.0.1:5080", "--require-keys")]
    [InlineData("http://[::1]:5080;http://localhost:1")]
    public void Read_AddressThatOthersReach_WithKeysAndTls_IsTaken(string urls, params string[] more)
    {
        var options = Read(["--urls", urls, .. more]);
        Assert.Equal(urls, options.Urls);
        Assert.Empty(Exposure.Of(options));
    }

    [Fact]
    public void Read_ConfiguredIssuer_IsAuthentication()
    {
        var options = OptionsReader.Read(new ConfigurationBuilder().AddInMemoryCollection(
            new Dictionary<string, string?> { ["Rollbook:Urls"] = "http://0.0.0.0:1", ["Rollbook:TlsAtProxy"] = "true", ["Rollbook:Access:Jwt:Issuer"] = "https://issuer.example" }).Build());
        Assert.True(options.RequireKeys);
    }

    [Fact]
    public void Exposure_InsecureAddress_NamesBoth() =>
        Assert.Equal(2, Exposure.Of(Read(["--urls", "http://0.0.0.0:1;http://10.0.0.1:2", "--insecure-i-understand"])).Count);

    [Theory]
    [InlineData("10.0.0.4", new[] { "--require-keys" }, null)]
    [InlineData("fd00::4", new[] { "--require-keys" }, null)]
    [InlineData("127.0.0.1", new string[0], null)]
    [InlineData("20.50.2.1", new[] { "--insecure-i-understand" }, null)]
    [InlineData("10.0.0.4", new string[0], "--require-keys")]
    [InlineData("20.50.2.1", new[] { "--require-keys" }, "not of a private network")]
    [InlineData("::ffff:20.50.2.1", new[] { "--require-keys" }, "not of a private network")]
    [InlineData("0.0.0.0", new[] { "--require-keys" }, "not an address of this machine")]
    [InlineData("silo1", new[] { "--require-keys" }, "not an address of this machine")]
    public void Read_AdvertisedAddress_IsPrivateAndAsksForKeys(string address, string[] with, string? refusal)
    {
        string[] args = ["--advertised-address", address, .. with];
        if (refusal is null) Assert.Equal(address, Read(args).AdvertisedAddress);
        else Assert.Contains(refusal, Assert.Throws<BadOptionsException>(() => Read(args)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_DemoWithKeys_IsRefused() =>
        Assert.Contains("without a key", Assert.Throws<BadOptionsException>(() => Read(["--demo", "--require-keys"])).Message, StringComparison.Ordinal);

    [Fact]
    public void Read_NewAdminKey_NeedsKeys()
    {
        Assert.Contains("--require-keys", Assert.Throws<BadOptionsException>(() => Read(["--new-admin-key"])).Message, StringComparison.Ordinal);
        Assert.True(Read(["--new-admin-key", "--require-keys"]).NewAdminKey);
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
