namespace Rollbook.Silo.Hosting;

/// <summary>The three names of each option: configuration key, command line and environment.</summary>
internal static class Settings
{
    /// <summary>All options in the order of the usage text.</summary>
    public static readonly Setting[] All =
    [
        new("Urls", "--urls", "URLS", "addresses of the HTTP API, separated by ; (default http://127.0.0.1:5080; port 0 = a free one)"),
        new("Data", "--data", "DIR", "data directory (default ./rollbook-data)"),
        new("Storage", "--storage", "KIND", "local = in the data directory, by this process alone (default); azure = in the account under Rollbook:Azure, by a cluster"),
        new("ClusterId", "--cluster-id", "ID", "the cluster to join, letters, digits and dashes (default default)"),
        new("ServiceId", "--service-id", "ID", "whose recordings these are; never change it (default default)"),
        new("AdvertisedAddress", "--advertised-address", "IP", "where other silos and gateway clients reach this one (default 127.0.0.1)"),
        new("SiloPort", "--silo-port", "PORT", "port between silos (default 0 = a free one)"),
        new("GatewayPort", "--gateway-port", "PORT", "port of the Orleans gateway (default 0 = a free one)"),
        new("AllowedHosts", "--allowed-hosts", "NAMES", "host names that requests may use besides the loopback ones, separated by ;"),
        new("LogFormat", "--log-format", "FORMAT", "how log lines are written: text (default) or json"),
        new("Dashboard", "--dashboard", null, "serve the dashboard of Orleans at /orleans, to callers on this machine"),
        new("Demo", "--demo", null, "run simulated workers against this silo and show them"),
        new("DemoName", "--demo-name", "NAME", "with --demo: what its workers are called, with a number behind (default demo)"),
        new("Exit", "--exit", "N", "with --demo: end after N episodes"),
        new("InsecureIUnderstand", "--insecure-i-understand", null, "allow addresses that others can reach, although there is no authentication yet"),
    ];

    /// <summary>The option of a configuration key.</summary>
    public static Setting Of(string key) => All.First(setting => setting.Key == key);

    /// <summary>The command line as configuration.</summary>
    /// <exception cref="BadOptionsException">An argument is not known or lacks its value.</exception>
    public static Dictionary<string, string?> OfArguments(IReadOnlyList<string> args)
    {
        var values = new Dictionary<string, string?>();
        for (var i = 0; i < args.Count; i++)
        {
            var equals = args[i].IndexOf('=', StringComparison.Ordinal);
            var name = equals < 0 ? args[i] : args[i][..equals];
            var setting = Array.Find(All, candidate => candidate.Argument == name)
                ?? throw new BadOptionsException($"{name} is not an option. See --help.");
            var value = equals >= 0 ? args[i][(equals + 1)..]
                : setting.IsFlag ? "true"
                : ++i < args.Count ? args[i]
                : throw new BadOptionsException($"{name} needs a value: {name} {setting.Value}.");
            values[setting.Path] = value;
        }

        return values;
    }

    /// <summary>The environment as configuration.</summary>
    public static Dictionary<string, string?> OfEnvironment(Func<string, string?> read)
    {
        var values = new Dictionary<string, string?>();
        foreach (var setting in All)
        {
            if (read(setting.Variable) is not { Length: > 0 } value) continue;
            values[setting.Path] = setting.IsFlag ? value switch { "1" => "true", "0" => "false", _ => value } : value;
        }

        return values;
    }
}
