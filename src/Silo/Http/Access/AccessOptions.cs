using System.ComponentModel.DataAnnotations;

namespace Rollbook.Silo.Http;

/// <summary>Who is let in and how much they may ask for: section <c>Rollbook:Access</c>.</summary>
public sealed class AccessOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Rollbook:Access";

    /// <summary>Whether requests need a credential. <c>--require-keys</c> and a configured <see cref="JwtOptions.Issuer"/> turn it on.</summary>
    public bool Required { get; set; }

    /// <summary>Tokens of an issuer.</summary>
    public JwtOptions Jwt { get; } = new();

    /// <summary>Requests that a credential may send each second; as many at once where it was quiet. A key may have its own. Default 50,000.</summary>
    [Range(1, 10_000_000)]
    public int RequestsPerSecond { get; set; } = 50_000;

    /// <summary>Bytes of bodies that a credential may send each second. A key may have its own. Default 512 MiB.</summary>
    [Range(16L * 1024 * 1024, 1L << 40)]
    public long BytesPerSecond { get; set; } = 512L * 1024 * 1024;

    /// <summary>Live streams and exports that a credential may have open at once. Default 256.</summary>
    [Range(1, 100_000)]
    public int Streams { get; set; } = 256;
}
