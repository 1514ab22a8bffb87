using System.Globalization;
using System.Reflection;
using System.Text.Json;
using Rollbook.Client;
using Rollbook.Doctor;

namespace Rollbook.Cli;

/// <summary>What a silo says of itself (<c>GET /v1/doctor</c>): each of its checks, named <c>silo.…</c>, and whether its release fits this program's.</summary>
internal sealed class SiloChecks(RollbookHttpClient client)
{
    private static readonly string Version =
        typeof(SiloChecks).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";

    private const string Malformed = "what it answered is no report";
    private const string Proxy = "Is this address a recorder? A proxy before it must pass /v1 on.";

    /// <summary>Asks, and tells. A recorder that has no such report is older.</summary>
    public async Task<IReadOnlyList<Check>> RunAsync(CancellationToken cancellationToken)
    {
        byte[] json;
        try
        {
            json = await client.GetDoctorJsonAsync(cancellationToken);
        }
        catch (RollbookException e)
        {
            return [Refused(e)];
        }

        try
        {
            using var report = JsonDocument.Parse(json);
            return [Release(report.RootElement), .. report.RootElement.GetProperty("checks").EnumerateArray().Select(Read)];
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return [new Check("release", CheckState.Fail, Malformed, Proxy)];
        }
    }

    private static Check Refused(RollbookException e) => e.Status switch
    {
        404 => new Check("release", CheckState.Warn, "it does not report on itself: it is older than this program", "Update the recorder."),
        401 or 403 => new Check("release", CheckState.Warn, "it does not report on itself with this key", "Set ROLLBOOK_API_KEY to a key of this recorder with the scope admin."),
        _ => new Check("release", CheckState.Fail, $"it does not report on itself ({e.Code})", "Look into its own output."),
    };

    /// <summary>Another number before the last point may mean another format; a newer format can't be read by this program.</summary>
    private static Check Release(JsonElement report)
    {
        var (theirs, mine) = (report.GetProperty("version").GetString() ?? "", Version);
        var formats = report.GetProperty("formats");
        var newer = Formats.All.Where(format => formats.TryGetProperty(format.Name, out var version) && version.GetInt32() > format.Version).Select(format => format.Name).ToList();
        var text = string.Create(
            CultureInfo.InvariantCulture,
            $"it is {theirs}, this program {mine}; it writes {string.Join(", ", formats.EnumerateObject().Select(format => $"{format.Name} {format.Value.GetInt32()}"))}");
        return newer.Count > 0 ? new Check("release", CheckState.Warn, text, $"This program can't read its {string.Join(" and ", newer)} format: verify and repair need the rollbook of the recorder's release.")
            : Minor(theirs) != Minor(mine) ? new Check("release", CheckState.Warn, text, "Use the rollbook of the recorder's own release.")
            : new Check("release", CheckState.Ok, text);
    }

    private static string Minor(string version) => version.LastIndexOf('.') is > 0 and var at ? version[..at] : version;

    private static Check Read(JsonElement check) => new(
        "silo." + check.GetProperty("check").GetString(),
        check.GetProperty("state").GetString() switch { "ok" => CheckState.Ok, "warn" => CheckState.Warn, _ => CheckState.Fail },
        check.GetProperty("text").GetString() ?? "",
        check.TryGetProperty("cure", out var cure) ? cure.GetString() : null);
}
