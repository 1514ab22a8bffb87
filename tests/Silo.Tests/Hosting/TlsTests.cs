using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Time.Testing;
using Rollbook.Silo.Hosting;
using Rollbook.Testing;

namespace Rollbook.Silo.Tests.Hosting;

/// <summary>https, with a certificate made for the test.</summary>
public sealed class TlsTests : IDisposable
{
    // TLS 1.1 by its number: the name is marked as obsolete, which is the point.
    private const SslProtocols OldTls = (SslProtocols)768;

    private readonly TempDirectory directory = new();

    public void Dispose() => directory.Dispose();

    [Fact]
    public async Task Https_WithAPemCertificate_Answers_AndOnlyOverNewTls()
    {
        var (certificate, key) = WritePem("api");
        await using var server = await SiloServer.StartAsync(Path.Combine(directory.Path, "data"), ["--urls", "https://127.0.0.1:0", "--tls-cert", certificate, "--tls-key", key]);
        var address = server.Client.BaseAddress!;
        Assert.Equal("https", address.Scheme);
        using var handler = Trusting(SslProtocols.Tls12 | SslProtocols.Tls13, "api");
        using var client = new HttpClient(handler) { BaseAddress = address };
        using var response = await client.GetAsync("/health/ready");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("max-age=31536000", response.Headers.GetValues("Strict-Transport-Security").Single());

        using var old = Trusting(OldTls, "api");
        using var outdated = new HttpClient(old) { BaseAddress = address };
        await Assert.ThrowsAsync<HttpRequestException>(() => outdated.GetAsync("/health/ready"));
    }

    [Fact]
    public void Load_PfxWithAPassword_HasItsKey()
    {
        using var made = Make("pfx");
        var path = Path.Combine(directory.Path, "c.pfx");
        File.WriteAllBytes(path, made.Export(X509ContentType.Pfx, "secret"));
        var options = new RollbookOptions { TlsCert = path };
        Assert.Equal("CN=pfx", new TlsCertificate(options, static name => name == "ROLLBOOK_TLS_PASSWORD" ? "secret" : null, TimeProvider.System).Current.TargetCertificate.Subject);
        Assert.Contains("ROLLBOOK_TLS_PASSWORD", Assert.Throws<BadOptionsException>(() => new TlsCertificate(options, static _ => "wrong", TimeProvider.System)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("missing.pem")]
    [InlineData("text.pem")]
    public void Load_WhatIsNoCertificate_SaysWhatToGive(string name)
    {
        File.WriteAllText(Path.Combine(directory.Path, "text.pem"), "-----BEGIN NOTHING-----");
        var options = new RollbookOptions { TlsCert = Path.Combine(directory.Path, name) };
        Assert.Contains("--tls-cert", Assert.Throws<BadOptionsException>(() => new TlsCertificate(options, static _ => null, TimeProvider.System)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Current_AfterTheFileChanged_IsTheNewOne_AndTheOldOneWhileItIsHalfWritten()
    {
        var time = new FakeTimeProvider();
        var (certificate, key) = WritePem("first");
        var tls = new TlsCertificate(new RollbookOptions { TlsCert = certificate, TlsKey = key }, static _ => null, time);
        WritePem("second");
        File.SetLastWriteTimeUtc(certificate, File.GetLastWriteTimeUtc(certificate).AddSeconds(5));
        Assert.Equal("CN=first", tls.Current.TargetCertificate.Subject);
        time.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal("CN=second", tls.Current.TargetCertificate.Subject);

        File.WriteAllText(certificate, "-----BEGIN CERT");
        File.SetLastWriteTimeUtc(certificate, File.GetLastWriteTimeUtc(certificate).AddSeconds(10));
        time.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal("CN=second", tls.Current.TargetCertificate.Subject);
    }

    private static SocketsHttpHandler Trusting(SslProtocols protocols, string name) => new()
    {
        UseProxy = false,
        SslOptions = new SslClientAuthenticationOptions
        {
            EnabledSslProtocols = protocols,
            RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate?.Subject == $"CN={name}",
        },
    };

    private static X509Certificate2 Make(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = TimeProvider.System.GetUtcNow();
        return new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256).CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
    }

    private (string Certificate, string Key) WritePem(string name)
    {
        using var made = Make(name);
        using var key = made.GetECDsaPrivateKey()!;
        var (certificate, keyPath) = (Path.Combine(directory.Path, "c.pem"), Path.Combine(directory.Path, "k.pem"));
        File.WriteAllText(certificate, made.ExportCertificatePem());
        File.WriteAllText(keyPath, key.ExportPkcs8PrivateKeyPem());
        return (certificate, keyPath);
    }
}
