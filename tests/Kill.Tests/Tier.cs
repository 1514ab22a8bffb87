using System.Globalization;

namespace Rollbook.Kill.Tests;

/// <summary>How big a run is: small by default, and as the environment says. The variables stand in the head of test.sh.</summary>
internal static class Tier
{
    /// <summary>
    /// Settings of the silos. A dead one is found, and a lost cause given up, within seconds, unless <c>ROLLBOOK_CLUSTER_DEFAULTS=1</c> asks for what a real cluster has. The grain
    /// directory is the default one, unless <c>ROLLBOOK_DISTRIBUTED_DIRECTORY=1</c> asks for the other.
    /// </summary>
    public static IReadOnlyDictionary<string, string> Settings { get; } = new Dictionary<string, string>(Times)
    {
        ["Rollbook__Cluster__DistributedDirectory"] = Environment.GetEnvironmentVariable("ROLLBOOK_DISTRIBUTED_DIRECTORY") == "1" ? "true" : "false",
    };

    private static Dictionary<string, string> Times => Environment.GetEnvironmentVariable("ROLLBOOK_CLUSTER_DEFAULTS") == "1"
        ? []
        : new Dictionary<string, string>(ArchiveSettings.Hurried)
        {
            ["Rollbook__Cluster__Membership__ProbeTimeout"] = "00:00:01",
            // A silo that still has an open connection is given three times this before it is voted dead; the default is four times the one above.
            ["Rollbook__Cluster__Membership__MaxProbeTimeout"] = "00:00:01.500",
            ["Rollbook__Cluster__Membership__NumMissedProbesLimit"] = "3",
            // A silo that is starved of processor time gives others up to nine times as long, and a small machine starves all of them.
            ["Rollbook__Cluster__Membership__ExtendProbeTimeoutDuringDegradation"] = "false",
            ["Rollbook__Cluster__CallSeconds"] = "2",
            ["Rollbook__Cluster__FenceSilentSeconds"] = "5",
            ["Rollbook__Cluster__WatchSeconds"] = "1",
            // Silos that died together count as alive for three of these, and nobody joins before.
            ["Rollbook__Cluster__Membership__IAmAliveTablePublishTimeout"] = "00:00:05",
        };

    /// <summary>How long a worker thinks between two appends: a load that takes all of a small machine starves what is tested, and what it recorded takes minutes to compare.</summary>
    public static TimeSpan Pause { get; } = TimeSpan.FromMilliseconds(Number("ROLLBOOK_KILL_PAUSE", 1000));

    /// <summary>
    /// What a time may be at most: ten times what is promised, or another multiple, since other work shares the machine of the small tier; exactly that with
    /// <c>ROLLBOOK_EXACT_TIMES=1</c>.
    /// </summary>
    public static TimeSpan Limit(TimeSpan promised, int times = 10) => Environment.GetEnvironmentVariable("ROLLBOOK_EXACT_TIMES") == "1" ? promised : times * promised;

    /// <summary>A number of the environment, or the small tier's.</summary>
    public static int Number(string variable, int small) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : small;
}
