using System.Text.RegularExpressions;
using k8s;
using k8s.Models;

namespace Rollbook.Deploy.Tests.Kubernetes;

/// <summary>What kubectl makes of a directory of deploy/k8s, each object read strictly: a field that Kubernetes doesn't know is refused.</summary>
internal sealed partial class Overlay
{
    // Not a kind of Kubernetes itself; its fields are checked by those who know it.
    private const string Foreign = "kind: PodMonitor";

    private readonly List<object> objects;

    private Overlay(string text)
    {
        var documents = Separator().Split(text).Where(document => document.Trim().Length > 0).ToList();
        Monitors = [.. documents.Where(document => document.Contains(Foreign, StringComparison.Ordinal))];
        objects = [.. documents.Except(Monitors).SelectMany(document => KubernetesYaml.LoadAllFromString(document, strict: true))];
    }

    /// <summary>The monitors, as text.</summary>
    public IReadOnlyList<string> Monitors { get; }

    public V1Deployment Deployment => Only<V1Deployment>();

    public V1PodSpec Pod => Deployment.Spec.Template.Spec;

    public V1Container Container => Assert.Single(Pod.Containers);

    /// <summary>The environment of the recorder: what the config map and the container say.</summary>
    public Dictionary<string, string> Environment
    {
        get
        {
            var from = Assert.Single(Container.EnvFrom).ConfigMapRef.Name;
            var variables = new Dictionary<string, string>(All<V1ConfigMap>().Single(map => map.Metadata.Name == from).Data);
            foreach (var variable in Container.Env) variables[variable.Name] = variable.Value ?? $"<{variable.ValueFrom.FieldRef.FieldPath}>";
            return variables;
        }
    }

    public static async Task<Overlay> ReadAsync(string path)
    {
        Assert.SkipUnless(Command.Exists("kubectl"), "kubectl is not installed (Debian: kubernetes-client)");
        return new Overlay(await Command.RunAsync("kubectl", "kustomize", $"deploy/k8s/{path}"));
    }

    public IEnumerable<T> All<T>() => objects.OfType<T>();

    public T Only<T>() => Assert.Single(All<T>());

    [GeneratedRegex("^---$", RegexOptions.Multiline)]
    private static partial Regex Separator();
}
