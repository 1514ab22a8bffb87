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
        var urls = options.Urls.Split([';', ','], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (urls.Length == 0) throw new BadOptionsException($"{names} has no address: give one such as http://127.0.0.1:5080.");
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

            if (address.Scheme != "http") throw new BadOptionsException($"{names}: '{url}' must begin with http://. TLS is ended by a proxy in front.");
            if (address.PathBase.Length > 0) throw new BadOptionsException($"{names}: '{url}' must have no path.");
            if (IsLoopback(address.Host) || options.InsecureIUnderstand) continue;
            throw new BadOptionsException(
                $"{names}: others can reach '{url}', and there is no authentication yet: anyone could read and write every episode. "
                + "Use a loopback address such as http://127.0.0.1:5080, or add --insecure-i-understand.");
        }
    }

    private static void CheckAdvertised(RollbookOptions options)
    {
        var names = Settings.Of("AdvertisedAddress").Names;
        if (!IPAddress.TryParse(options.AdvertisedAddress, out var address) || address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any))
            throw new BadOptionsException($"{names}: '{options.AdvertisedAddress}' is not an address of this machine. Give one such as 10.0.0.4.");
        if (IPAddress.IsLoopback(address) || options.InsecureIUnderstand) return;
        throw new BadOptionsException(
            $"{names}: others can reach '{address}', and the ports between silos ask nobody for credentials. "
            + "Use 127.0.0.1, or a private network that only silos and trusted clients reach, and add --insecure-i-understand.");
    }

    private static bool IsLoopback(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}
