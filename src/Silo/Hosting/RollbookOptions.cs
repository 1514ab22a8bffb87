using System.ComponentModel.DataAnnotations;

namespace Rollbook.Silo.Hosting;

/// <summary>How the recorder runs: section <c>Rollbook</c>, environment <c>ROLLBOOK_…</c>, or the command line.</summary>
public sealed record RollbookOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Rollbook";

    /// <summary>Addresses of the HTTP API, several separated by <c>;</c>. Port 0 = a free one.</summary>
    [Required]
    public string Urls { get; init; } = "http://127.0.0.1:5080";

    /// <summary>The data directory; made where it is missing.</summary>
    [Required]
    public string Data { get; init; } = "./rollbook-data";

    /// <summary>The port at which silos talk to each other, on loopback. 0 = a free one.</summary>
    [Range(0, 65535)]
    public int SiloPort { get; init; }

    /// <summary>The port of the Orleans gateway, on loopback. 0 = a free one.</summary>
    [Range(0, 65535)]
    public int GatewayPort { get; init; }

    /// <summary>Host names that requests may name besides the loopback ones, separated by <c>;</c>.</summary>
    public string AllowedHosts { get; init; } = "";

    /// <summary>How log lines are written.</summary>
    public LogFormat LogFormat { get; init; }

    /// <summary>Serve the dashboard of Orleans at <c>/orleans</c>, to callers on this machine.</summary>
    public bool Dashboard { get; init; }

    /// <summary>Run simulated workers against this silo.</summary>
    public bool Demo { get; init; }

    /// <summary>With <see cref="Demo"/>: end after so many episodes; null = go on.</summary>
    [Range(1, int.MaxValue)]
    public int? Exit { get; init; }

    /// <summary>Ask for API keys, on loopback too.</summary>
    public bool RequireKeys { get; init; }

    /// <summary>Make one more administrator's key at the start and print it.</summary>
    public bool NewAdminKey { get; init; }

    /// <summary>The certificate for https addresses: a PEM file, or a PFX file whose password is in <c>ROLLBOOK_TLS_PASSWORD</c>. Empty = none.</summary>
    public string TlsCert { get; init; } = "";

    /// <summary>The private key of a PEM certificate; null = it is in the same file.</summary>
    public string? TlsKey { get; init; }

    /// <summary>A proxy ends TLS and is the only one that reaches the http addresses. Its X-Forwarded-For and X-Forwarded-Proto are believed.</summary>
    public bool TlsAtProxy { get; init; }

    /// <summary>Listen on addresses that others can reach, although nobody is asked for credentials, or they travel unencrypted.</summary>
    public bool InsecureIUnderstand { get; init; }
}
