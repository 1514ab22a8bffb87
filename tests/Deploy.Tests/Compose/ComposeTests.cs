using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.Serialization;

namespace Rollbook.Deploy.Tests.Compose;

/// <summary>deploy/compose.yaml, Dockerfile and the image of the SDK against each other.</summary>
public sealed class ComposeTests
{
    private static readonly JsonNode Compose = Read();

    private static IEnumerable<JsonObject> Silos => Compose["services"]!.AsObject().Where(service => service.Key.StartsWith("silo", StringComparison.Ordinal)).Select(service => service.Value!.AsObject());

    [Fact]
    public void Silos_AreThree_ReachedFromThisMachineAlone()
    {
        Assert.Equal(3, Silos.Count());
        Assert.All(Silos, silo => Assert.Matches(@"^127\.0\.0\.1:\d+:5080$", (string)Assert.Single(silo["ports"]!.AsArray())!));
        Assert.Equal(3, Silos.Select(silo => (string)silo["ports"]![0]!).Distinct().Count());
        Assert.Equal(3, Silos.Select(silo => (string)silo["volumes"]![0]!).Distinct().Count());
        Assert.Null(Compose["services"]!["azurite"]!["ports"]);
    }

    [Fact]
    public void Silos_AreLockedIn_AndTheirVariablesAreRead()
    {
        Assert.All(Silos, silo =>
        {
            Assert.Equal(("true", "ALL", "no-new-privileges:true"), ((string)silo["read_only"]!, (string)silo["cap_drop"]![0]!, (string)silo["security_opt"]![0]!));
            Assert.Empty(KnownSettings.Unknown(silo["environment"]!.AsObject().Select(variable => variable.Key)));
        });
    }

    [Fact]
    public void Volumes_AreAllDeclared()
    {
        var used = Compose["services"]!.AsObject().SelectMany(service => service.Value!["volumes"]?.AsArray() ?? []).Select(volume => ((string)volume!).Split(':')[0]);
        Assert.Equal(Compose["volumes"]!.AsObject().Select(volume => volume.Key).Order(), used.Order());
    }

    [Fact]
    public void Images_OfDockerAndOfTheSdk_SayTheSame()
    {
        var docker = DeployFiles.Read("deploy/Dockerfile");
        var project = System.Xml.Linq.XDocument.Parse(DeployFiles.Read("src/Silo/Silo.csproj"));
        foreach (var variable in project.Descendants("ContainerEnvironmentVariable"))
            Assert.Contains($"{variable.Attribute("Include")!.Value}={variable.Attribute("Value")!.Value}", docker, StringComparison.Ordinal);
        Assert.Contains($"EXPOSE {project.Descendants("ContainerPort").Single().Attribute("Include")!.Value}", docker, StringComparison.Ordinal);
        Assert.Contains($"USER {project.Descendants("ContainerUser").Single().Value}", docker, StringComparison.Ordinal);
        var image = project.Descendants("ContainerBaseImage").Single().Value;
        Assert.Contains(image.Replace("10.0", "${DOTNET}", StringComparison.Ordinal), docker, StringComparison.Ordinal);
        Assert.EndsWith("chiseled", image, StringComparison.Ordinal);
    }

    private static JsonNode Read()
    {
        using var text = new StringReader(DeployFiles.Read("deploy/compose.yaml"));
        var yaml = new DeserializerBuilder().WithDuplicateKeyChecking().Build().Deserialize(new MergingParser(new Parser(text)));
        return JsonNode.Parse(new SerializerBuilder().JsonCompatible().Build().Serialize(yaml))!;
    }
}
