using System.Globalization;
using System.Net;
using Azure.Data.Tables;

namespace Rollbook.Azure;

/// <summary>
/// A silo as a row, with the columns of Orleans' own provider (<c>SiloInstanceTableEntry</c> of <c>Microsoft.Orleans.Clustering.AzureStorage</c>): all are texts, dates are
/// <c>yyyy-MM-dd HH:mm:ss.fff 'GMT'</c>.
/// </summary>
internal static class SiloRow
{
    /// <summary>The row whose ETag every change of the table depends on.</summary>
    public const string Version = "VersionRow";

    /// <summary>The row before all others, with the version.</summary>
    public const string Start = "!Start";

    /// <summary>The row behind all others, with the version.</summary>
    public const string End = "~End";

    /// <summary>Whether a row is a silo, not one of the table's own three.</summary>
    public static bool IsSilo(TableEntity entity) => entity.RowKey is not (Version or Start or End);

    /// <summary>A silo's row key.</summary>
    public static string Key(SiloAddress silo) => string.Create(CultureInfo.InvariantCulture, $"{silo.Endpoint.Address}-{silo.Endpoint.Port}-{silo.Generation}");

    /// <summary>One of the table's own rows.</summary>
    public static TableEntity OfVersion(string cluster, string key, int version)
    {
        var entity = new TableEntity(cluster, key) { ["DeploymentId"] = cluster, ["MembershipVersion"] = Text(version) };
        // Releases that know no such rows clean up what isn't active.
        if (key != Version) entity["Status"] = nameof(SiloStatus.Active);
        return entity;
    }

    /// <summary>The version of one of the table's own rows.</summary>
    public static int VersionOf(TableEntity entity) => int.Parse(entity.GetString("MembershipVersion"), CultureInfo.InvariantCulture);

    /// <summary>A silo's whole row.</summary>
    public static TableEntity Of(MembershipEntry entry, string cluster)
    {
        var silo = entry.SiloAddress;
        IEnumerable<Tuple<SiloAddress, DateTime>> suspects = entry.SuspectTimes ?? [];
        return new TableEntity(cluster, Key(silo))
        {
            ["DeploymentId"] = cluster,
            ["Address"] = silo.Endpoint.Address.ToString(),
            ["Port"] = Text(silo.Endpoint.Port),
            ["Generation"] = Text(silo.Generation),
            ["HostName"] = entry.HostName,
            ["Status"] = entry.Status.ToString(),
            ["ProxyPort"] = Text(entry.ProxyPort),
            ["RoleName"] = entry.RoleName,
            ["SiloName"] = entry.SiloName,
            // What very old releases read.
            ["InstanceName"] = entry.SiloName,
            ["UpdateZone"] = Text(entry.UpdateZone),
            ["FaultZone"] = Text(entry.FaultZone),
            ["SuspectingSilos"] = string.Join('|', suspects.Select(static suspect => suspect.Item1.ToParsableString())),
            ["SuspectingTimes"] = string.Join('|', suspects.Select(static suspect => LogFormatter.PrintDate(suspect.Item2))),
            ["StartTime"] = LogFormatter.PrintDate(entry.StartTime),
            ["IAmAliveTime"] = LogFormatter.PrintDate(entry.IAmAliveTime),
        };
    }

    /// <summary>What a silo writes to say that it is alive, to be merged into its row.</summary>
    public static TableEntity OfAlive(MembershipEntry entry, string cluster) =>
        new(cluster, Key(entry.SiloAddress)) { ["DeploymentId"] = cluster, ["IAmAliveTime"] = LogFormatter.PrintDate(entry.IAmAliveTime) };

    /// <summary>The silo of a row.</summary>
    /// <exception cref="FormatException">A column isn't what it should be.</exception>
    public static MembershipEntry Entry(TableEntity entity)
    {
        var entry = new MembershipEntry
        {
            SiloAddress = Address(entity, "Port"),
            HostName = entity.GetString("HostName"),
            Status = Enum.TryParse<SiloStatus>(entity.GetString("Status"), out var status)
                ? status
                : throw new FormatException($"The silo {entity.RowKey} has the status '{entity.GetString("Status")}', which is none."),
            ProxyPort = Number(entity, "ProxyPort"),
            RoleName = entity.GetString("RoleName"),
            SiloName = entity.GetString("SiloName") is { Length: > 0 } name ? name : entity.GetString("InstanceName"),
            UpdateZone = Number(entity, "UpdateZone"),
            FaultZone = Number(entity, "FaultZone"),
            StartTime = Date(entity, "StartTime"),
            IAmAliveTime = Date(entity, "IAmAliveTime"),
        };
        var silos = Parts(entity, "SuspectingSilos");
        var times = Parts(entity, "SuspectingTimes");
        if (silos.Length != times.Length)
            throw new FormatException($"The silo {entity.RowKey} has {silos.Length} suspecting silos and {times.Length} times.");
        for (var i = 0; i < silos.Length; i++) entry.AddSuspector(SiloAddress.FromParsableString(silos[i]), LogFormatter.ParseDate(times[i]));
        return entry;
    }

    /// <summary>A silo's address with one of its two ports.</summary>
    public static SiloAddress Address(TableEntity entity, string port) =>
        SiloAddress.New(IPAddress.Parse(entity.GetString("Address")), Number(entity, port), Number(entity, "Generation"));

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static int Number(TableEntity entity, string column) =>
        entity.GetString(column) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : 0;

    private static DateTime Date(TableEntity entity, string column) => entity.GetString(column) is { Length: > 0 } text ? LogFormatter.ParseDate(text) : default;

    private static string[] Parts(TableEntity entity, string column) => entity.GetString(column) is { Length: > 0 } text ? text.Split('|') : [];
}
