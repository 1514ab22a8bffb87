using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Rollbook.Silo.Hosting;

/// <summary>The certificate of the HTTP API, with its chain: read anew when its file changes, so that a renewal needs no restart.</summary>
internal sealed partial class TlsCertificate
{
    /// <summary>The environment variable with the password of a PFX file.</summary>
    public const string PasswordVariable = "ROLLBOOK_TLS_PASSWORD";

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMinutes(1);

    private readonly string path;
    private readonly string? keyPath;
    private readonly Func<string, string?> variable;
    private readonly TimeProvider time;
    private readonly Lock gate = new();
    private SslStreamCertificateContext current;
    private DateTime changed;
    private long lookedAt;

    /// <summary>Reads the certificate.</summary>
    /// <param name="options">Where it is.</param>
    /// <param name="variable">The environment.</param>
    /// <param name="time">The clock of the looks at the file.</param>
    /// <exception cref="BadOptionsException">It can't be used.</exception>
    public TlsCertificate(RollbookOptions options, Func<string, string?> variable, TimeProvider time)
    {
        (path, keyPath, this.variable, this.time) = (options.TlsCert, options.TlsKey, variable, time);
        try
        {
            changed = ChangedAt();
            current = Load();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            throw new BadOptionsException(
                $"{Settings.Of("TlsCert").Names}: '{path}' can't be used as a certificate: {failure.Message} Give a PEM file, with its key by {Settings.Of("TlsKey").Argument} or in it, "
                + $"or a PFX file, with its password in {PasswordVariable}.");
        }

        lookedAt = time.GetTimestamp();
    }

    /// <summary>Tells of a renewal that failed: the old certificate is used on.</summary>
    public ILogger? Log { get; set; }

    /// <summary>The certificate with its chain.</summary>
    public SslStreamCertificateContext Current
    {
        get
        {
            lock (gate)
            {
                if (time.GetElapsedTime(lookedAt) < BetweenLooks) return current;
                lookedAt = time.GetTimestamp();
                Renew();
                return current;
            }
        }
    }

    private void Renew()
    {
        try
        {
            var now = ChangedAt();
            if (now == changed) return;
            current = Load();
            changed = now;
        }
        catch (Exception failure)
        {
            // Half written, perhaps: the next look reads it again.
            if (Log is not null) LogNotRenewed(Log, path, failure.Message);
        }
    }

    private DateTime ChangedAt() => File.GetLastWriteTimeUtc(path);

    private SslStreamCertificateContext Load()
    {
        var all = new X509Certificate2Collection();
        X509Certificate2 own;
        if (IsPem())
        {
            all.ImportFromPemFile(path);
            using var read = X509Certificate2.CreateFromPemFile(path, keyPath ?? path);
            // Windows takes no key for TLS that lives in memory alone.
            own = OperatingSystem.IsWindows() ? X509CertificateLoader.LoadPkcs12(read.Export(X509ContentType.Pkcs12), null) : new X509Certificate2(read);
        }
        else
        {
            all = X509CertificateLoader.LoadPkcs12CollectionFromFile(path, variable(PasswordVariable));
            own = all.FirstOrDefault(static each => each.HasPrivateKey) ?? throw new CryptographicException("It has no private key.");
        }

        return SslStreamCertificateContext.Create(own, [.. all.Where(each => !each.RawDataMemory.Span.SequenceEqual(own.RawDataMemory.Span))], offline: true);
    }

    private bool IsPem() => File.ReadAllBytes(path).AsSpan().IndexOf("-----BEGIN "u8) >= 0;

    [LoggerMessage(1, LogLevel.Error, "The certificate {Path} has changed and can't be read; the one before is used on: {Reason}")]
    private static partial void LogNotRenewed(ILogger log, string path, string reason);
}
