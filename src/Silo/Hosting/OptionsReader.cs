using System.ComponentModel.DataAnnotations;
using System.Net;

namespace Rollbook.Silo.Hosting;

/// <summary>Reads and checks the options before anything is built.</summary>
internal static class OptionsReader
{
    /// <summary>The options of a configuration.</summary>
    /// <exception cref="BadOptionsException">A value is not what it should be.</exception>
    public static RollbookOptions Read(IConfiguration configuration)
    {
        RollbookOptions options;
        try
        {
            options = configuration.GetSection(RollbookOptions.Section).Get<RollbookOptions>() ?? new RollbookOptions();
        }
        catch (InvalidOperationException error)
        {
            var setting = Settings.All.FirstOrDefault(candidate => error.Message.Contains($"'{candidate.Path}'", StringComparison.OrdinalIgnoreCase));
            throw new BadOptionsException(setting is null ? error.Message : $"{setting.Names} has a value of the wrong kind: {setting.Help}.");
        }

        var wrong = new List<ValidationResult>();
        if (!Validator.TryValidateObject(options, new ValidationContext(options), wrong, validateAllProperties: true))
            throw new BadOptionsException(string.Join('\n', wrong.Select(Text)));
        if (options.Exit is not null && !options.Demo)
            throw new BadOptionsException($"{Settings.Of("Exit").Names} works only with --demo: add --demo or leave it out.");
        // Tokens of an issuer are credentials like keys.
        if (configuration.GetSection(Http.AccessOptions.Section) is var access && (access.GetValue<bool>("Required") || access["Jwt:Issuer"] is { Length: > 0 }))
            options = options with { RequireKeys = true };
        if (options.Demo && options.RequireKeys)
            throw new BadOptionsException($"{Settings.Of("Demo").Names} records without a key: leave {Settings.Of("RequireKeys").Argument} out, or the demo.");
        if (options.NewAdminKey && !options.RequireKeys)
            throw new BadOptionsException($"{Settings.Of("NewAdminKey").Names} works only where keys are asked for: add --require-keys or leave it out.");
        // These would add addresses past the check below.
        if (configuration.GetSection("Kestrel:Endpoints").Exists())
            throw new BadOptionsException($"Kestrel:Endpoints is not read. Give the addresses with {Settings.Of("Urls").Names}.");
        CheckUrls(options);
        CheckAdvertised(options);
        return options;
    }

    private static string Text(ValidationResult result)
    {
        var setting = Settings.Of(result.MemberNames.First());
        return $"{setting.Names} is out of range: {setting.Help}.";
    }

    private static void CheckUrls(RollbookOptions options)
    {
        var names = Settings.Of("Urls").Names;
        var urls = Exposure.AddressesOf(options);
        if (urls.Length == 0) throw new BadOptionsException($"{names} has no address: give one such as http://127.0.0.1:5080.");
        var tls = false;
        foreach (var url in urls)
        {
            BindingAddress address;
            try
            {
                address = BindingAddress.Parse(url);
            }
            catch (FormatException)
            {
                throw new BadOptionsException($"{names}: '{url}' is not an address. Give one such as http://127.0.0.1:5080.");
            }

            if (address.Scheme is not ("http" or "https")) throw new BadOptionsException($"{names}: '{url}' must begin with http:// or https://.");
            if (address.PathBase.Length > 0) throw new BadOptionsException($"{names}: '{url}' must have no path.");
            if (address.Scheme == "https" && options.TlsCert.Length == 0)
                throw new BadOptionsException($"{names}: '{url}' needs a certificate: give it with {Settings.Of("TlsCert").Names}.");
            tls |= address.Scheme == "https";
            if (options.InsecureIUnderstand || Exposure.Of(options, address).ToList() is not { Count: > 0 } open) continue;
            throw new BadOptionsException(
                $"{names}: others can reach '{url}', and {string.Join("; and ", open)}. {Cure(options)}, use a loopback address such as http://127.0.0.1:5080, or add --insecure-i-understand.");
        }

        if (options.TlsCert.Length > 0 && !tls)
            throw new BadOptionsException($"{Settings.Of("TlsCert").Names} is given, but none of {names} begins with https://.");
    }

    private static void CheckAdvertised(RollbookOptions options)
    {
        var names = Settings.Of("AdvertisedAddress").Names;
        if (!IPAddress.TryParse(options.AdvertisedAddress, out var address) || address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any))
            throw new BadOptionsException($"{names}: '{options.AdvertisedAddress}' is not an address of this machine. Give one such as 10.0.0.4.");
        if (IPAddress.IsLoopback(address) || options.InsecureIUnderstand) return;
        if (!Exposure.IsPrivate(address))
            throw new BadOptionsException(
                $"{names}: '{address}' is not of a private network, and whoever reaches the ports between silos is trusted. "
                + "Use 127.0.0.1 or an address of a private network that only silos and trusted clients reach, or add --insecure-i-understand.");
        if (!options.RequireKeys)
            throw new BadOptionsException(
                $"{names}: others can reach '{address}', and the gateway there asks nobody for credentials. Add --require-keys, use 127.0.0.1, or add --insecure-i-understand.");
    }

    private static string Cure(RollbookOptions options) =>
        options.RequireKeys ? "Use https:// with --tls-cert, say --tls-at-proxy where only a proxy with TLS reaches it" : "Add --require-keys, and https:// with --tls-cert";
}
