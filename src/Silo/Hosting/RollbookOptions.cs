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

    /// <summary>
    /// Where it is kept: <c>local</c> = in <see cref="Data"/>, by this process alone; <c>azure</c> = in the storage account under <c>Rollbook:Azure</c>, with any number of
    /// processes.
    /// </summary>
    [RegularExpression("^(local|azure)$")]
    public string Storage { get; init; } = "local";

    /// <summary>The cluster that the process joins: 1 to 100 letters, digits and dashes. Processes with the same one find each other.</summary>
    [RegularExpression("^[A-Za-z0-9-]{1,100}$")]
    public string ClusterId { get; init; } = "default";

    /// <summary>What is recorded belongs to it: 1 to 100 letters, digits and dashes. It stays the same for ever, also where a new cluster takes over.</summary>
    [RegularExpression("^[A-Za-z0-9-]{1,100}$")]
    public string ServiceId { get; init; } = "default";

    /// <summary>The address at which other silos and gateway clients reach this one, and at which it listens for them.</summary>
    [Required]
    public string AdvertisedAddress { get; init; } = "127.0.0.1";

    /// <summary>The port at which silos talk to each other. 0 = a free one.</summary>
    [Range(0, 65535)]
    public int SiloPort { get; init; }

    /// <summary>The port of the Orleans gateway. 0 = a free one.</summary>
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

    /// <summary>With <see cref="Demo"/>: the workers are called so, with a number behind. Demos that run at the same time need different names.</summary>
    [RegularExpression("^[A-Za-z0-9._:@+-]{1,64}$")]
    public string DemoName { get; init; } = "demo";

    /// <summary>With <see cref="Demo"/>: end after so many episodes; null = go on.</summary>
    [Range(1, int.MaxValue)]
    public int? Exit { get; init; }

    /// <summary>Listen on addresses that others can reach, although nobody is asked for credentials.</summary>
    public bool InsecureIUnderstand { get; init; }
}
