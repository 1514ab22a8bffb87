using System.Reflection;
using Rollbook.Archive;
using Rollbook.Query;
using Rollbook.Silo.Hosting;
using Rollbook.StepLog;

namespace Rollbook.Deploy.Tests;

/// <summary>Holds the names of environment variables against what the silo reads.</summary>
internal static class KnownSettings
{
    /// <summary>Named in deploy/, and not yet read by a silo. One that has come to be known has to be taken off.</summary>
    public static readonly string[] Awaited =
    [
        "ROLLBOOK_REQUIRE_KEYS",
        "ROLLBOOK_STORAGE",
        "ROLLBOOK_CLUSTER_ID",
        "ROLLBOOK_SERVICE_ID",
        "ROLLBOOK_ADVERTISED_ADDRESS",
        "Rollbook__Azure__Blobs__CreateContainers",
    ];

    // Read by the runtime, or by the manifests themselves.
    private static readonly string[] Others = ["DOTNET_EnableDiagnostics", "DOTNET_NOLOGO", "DOTNET_CLI_TELEMETRY_OPTOUT", "POD_IP", "POD_NAMESPACE", "PUBLIC_HOST", "IDENTITY_CLIENT_ID"];

    private static readonly Dictionary<string, Type> Sections = Find();

    /// <summary>Whether a silo reads the variable.</summary>
    public static bool IsRead(string variable)
    {
        if (Settings.All.Any(setting => setting.Variable == variable)) return true;
        var parts = variable.Split("__");
        return Sections.TryGetValue(string.Join(':', parts[..^1]), out var type) && type.GetProperty(parts[^1])?.CanWrite == true;
    }

    /// <summary>Those of the variables that nothing reads.</summary>
    public static IEnumerable<string> Unknown(IEnumerable<string> variables) => variables.Where(variable => !IsRead(variable) && !Others.Contains(variable) && !Awaited.Contains(variable));

    // Options say where they stand by a constant; those that don't are named here.
    private static Dictionary<string, Type> Find()
    {
        var sections = new Dictionary<string, Type>
        {
            ["Rollbook:StepLog"] = typeof(StepLogOptions),
            ["Rollbook:LocalStepLog"] = typeof(LocalStepLogOptions),
            ["Rollbook:Archive"] = typeof(ArchiveOptions),
            ["Rollbook:Query"] = typeof(QueryOptions),
        };
        foreach (var type in new[] { typeof(StepLogOptions), typeof(RollbookOptions) }.SelectMany(type => type.Assembly.GetTypes()))
        {
            if (type.Name.EndsWith("Options", StringComparison.Ordinal) && type.GetField("Section", BindingFlags.Public | BindingFlags.Static)?.GetRawConstantValue() is string section)
                sections[section] = type;
        }

        return sections;
    }
}
