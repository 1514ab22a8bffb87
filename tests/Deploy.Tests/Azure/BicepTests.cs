using System.Reflection;
using System.Text.Json.Nodes;

namespace Rollbook.Deploy.Tests.Azure;

/// <summary>deploy/azure, compiled.</summary>
public sealed class BicepTests
{
    private static readonly string Compiler =
        typeof(BicepTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(data => data.Key == "Bicep").Value!;

    [Fact]
    public async Task Main_Compiles_WithoutAWarning()
    {
        var (code, output, error) = await CompileAsync("build", "--stdout", "deploy/azure/main.bicep");
        Assert.True(code == 0, error);
        Assert.DoesNotContain("Warning", error, StringComparison.Ordinal);
        Assert.NotEmpty(JsonNode.Parse(output)!["resources"]!.AsObject());
    }

    [Fact]
    public async Task Compiler_FindsAMistake()
    {
        using var directory = new TempDirectory();
        var file = Path.Combine(directory.Path, "wrong.bicep");
        await File.WriteAllTextAsync(file, "output x string = nothing.there");
        Assert.NotEqual(0, (await CompileAsync("build", "--stdout", file)).Code);
    }

    [Fact]
    public async Task Roles_AreGivenOnContainersAndTables_NeverOnTheAccount()
    {
        var storage = Resources(await MainAsync(), "storage");
        var roles = storage.Where(resource => (string)resource["type"]! == "Microsoft.Authorization/roleAssignments").ToList();
        Assert.Equal(2, roles.Count);
        Assert.Equal(["blobServices/default/containers", "tableServices/default/tables"], roles.Select(role => ((string)role["scope"]!).Split("storageAccounts/")[1]).Select(scope => scope.Contains("blobServices", StringComparison.Ordinal) ? "blobServices/default/containers" : "tableServices/default/tables").Order());
        Assert.All(roles, role => Assert.Matches("containers|tables", (string)role["scope"]!));
        var account = storage.Single(resource => (string)resource["type"]! == "Microsoft.Storage/storageAccounts")["properties"]!;
        Assert.Equal((false, false, "TLS1_2"), ((bool)account["allowSharedKeyAccess"]!, (bool)account["allowBlobPublicAccess"]!, (string)account["minimumTlsVersion"]!));
    }

    [Fact]
    public async Task Identity_IsBoundToTheServiceAccountOfTheManifests()
    {
        var main = await MainAsync();
        var overlay = await Kubernetes.Overlay.ReadAsync("overlays/aks");
        Assert.Equal(overlay.Only<k8s.Models.V1ServiceAccount>().Metadata.Name, (string)main["parameters"]!["serviceAccount"]!["defaultValue"]!);
        Assert.Equal(overlay.Only<k8s.Models.V1ServiceAccount>().Metadata.NamespaceProperty, (string)main["parameters"]!["namespace"]!["defaultValue"]!);
        Assert.Contains("system:serviceaccount:", main.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Alerts_AreThoseOfTheRuleFile()
    {
        var prometheus = (await MainAsync())["resources"]!["prometheus"]!.ToJsonString();
        Assert.Contains("RollbookDiskAtReserve", prometheus, StringComparison.Ordinal);
        Assert.Contains("Microsoft.AlertsManagement/prometheusRuleGroups", prometheus, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Script_ReadsOutputsThatThereAre_AndFillsInLinesThatThereAre()
    {
        var script = DeployFiles.Read("deploy/azure/deploy.sh");
        var outputs = (await MainAsync())["outputs"]!.AsObject().Select(output => output.Key).ToList();
        Assert.All(outputs, output => Assert.Contains($"(output {output})", script, StringComparison.Ordinal));
        foreach (System.Text.RegularExpressions.Match read in System.Text.RegularExpressions.Regex.Matches(script, @"\(output (\w+)\)")) Assert.Contains(read.Groups[1].Value, outputs);
        var environment = DeployFiles.Read("deploy/k8s/overlays/aks/azure.env");
        foreach (System.Text.RegularExpressions.Match line in System.Text.RegularExpressions.Regex.Matches(script, @"s\|\^(\w+)=")) Assert.Contains(line.Groups[1].Value + "=", environment, StringComparison.Ordinal);
        await Command.RunAsync("bash", "-n", "deploy/azure/deploy.sh");
        // Without its arguments it says how it is called.
        Assert.Equal(2, (await Command.TryAsync("bash", "deploy/azure/deploy.sh")).Code);
    }

    private static async Task<JsonNode> MainAsync()
    {
        var (code, output, error) = await CompileAsync("build", "--stdout", "deploy/azure/main.bicep");
        Assert.True(code == 0, error);
        return JsonNode.Parse(output)!;
    }

    private static IReadOnlyList<JsonNode> Resources(JsonNode main, string module)
    {
        var resources = main["resources"]![module]!["properties"]!["template"]!["resources"]!;
        return resources is JsonArray array ? [.. array.Select(resource => resource!)] : [.. resources.AsObject().Select(resource => resource.Value!)];
    }

    private static async Task<(int Code, string Output, string Error)> CompileAsync(params string[] arguments)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the compiler of the test is for Linux");
        // A package that was unpacked keeps no mode.
        if (OperatingSystem.IsLinux()) File.SetUnixFileMode(Compiler, File.GetUnixFileMode(Compiler) | UnixFileMode.UserExecute);
        return await Command.TryAsync(Compiler, arguments);
    }
}
