using k8s.Models;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Rollbook.Silo.Hosting;

namespace Rollbook.Deploy.Tests.Kubernetes;

/// <summary>deploy/k8s against what the silo really reads, serves and needs.</summary>
public sealed class OverlayTests
{
    [Theory]
    [InlineData("base")]
    [InlineData("overlays/aks")]
    [InlineData("overlays/single")]
    public async Task Environment_IsReadAndValid(string path)
    {
        var overlay = await Overlay.ReadAsync(path);
        Assert.Empty(KnownSettings.Unknown(overlay.Environment.Keys));
        var options = Options(overlay);
        Assert.Equal(("/data", LogFormat.Json), (options.Data, options.LogFormat));
        // By its own address it is scraped; by the others it is called.
        Assert.Contains("$(POD_IP)", HostNames.Of(options));
        Assert.Contains("rollbook", HostNames.Of(options));
        Assert.Contains("localhost", HostNames.Of(options));
    }

    [Theory]
    [InlineData("base")]
    [InlineData("overlays/aks")]
    [InlineData("overlays/single")]
    public async Task Ports_AreThoseOfTheSilo_AndItsOwnAreNotOpened(string path)
    {
        var overlay = await Overlay.ReadAsync(path);
        var options = Options(overlay);
        var http = BindingPort(options.Urls);
        Assert.Equal([("http", http), ("silo", options.SiloPort), ("gateway", options.GatewayPort)], overlay.Container.Ports.Select(port => (port.Name, port.ContainerPort)));
        Assert.All(overlay.Only<V1Service>().Spec.Ports, port => Assert.Equal("http", port.TargetPort.Value));

        var policy = overlay.Only<V1NetworkPolicy>().Spec;
        Assert.Equal(["Ingress", "Egress"], policy.PolicyTypes);
        Assert.Equal("rollbook", policy.PodSelector.MatchLabels["app.kubernetes.io/name"]);
        // Without "from", a rule is for everybody.
        Assert.Equal([http], policy.Ingress.Where(rule => rule.FromProperty is null).SelectMany(rule => rule.Ports).Select(port => int.Parse(port.Port.Value)));
        var silo = Assert.Single(policy.Ingress, rule => rule.Ports.Any(port => port.Port.Value == $"{options.SiloPort}"));
        Assert.Equal("rollbook", Assert.Single(silo.FromProperty).PodSelector.MatchLabels["app.kubernetes.io/name"]);
        Assert.Equal([$"{options.SiloPort}", $"{options.GatewayPort}"], policy.Egress.Single(rule => rule.To is not null).Ports.Select(port => port.Port.Value));
    }

    [Theory]
    [InlineData("base")]
    [InlineData("overlays/aks")]
    [InlineData("overlays/single")]
    public async Task Probes_AskRoutesThatThereAre_ByAHostThatIsAllowed(string path)
    {
        var overlay = await Overlay.ReadAsync(path);
        await using var app = Silo(out var directory);
        using var _ = directory;
        var routes = ((IEndpointRouteBuilder)app).DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>().Select(route => "/" + route.RoutePattern.RawText!.Trim('/')).ToList();
        var probes = new[] { overlay.Container.StartupProbe, overlay.Container.ReadinessProbe, overlay.Container.LivenessProbe };
        Assert.Equal(["/health/ready", "/health/ready", "/health/live"], probes.Select(probe => probe.HttpGet.Path));
        Assert.All(probes, probe =>
        {
            Assert.Contains(probe.HttpGet.Path, routes);
            Assert.Equal("localhost", probe.HttpGet.HttpHeaders.Single(header => header.Name == "Host").Value);
        });
        Assert.Contains(overlay.Deployment.Spec.Template.Metadata.Annotations["prometheus.io/path"], routes);
        Assert.Contains("/metrics", routes);
    }

    [Theory]
    [InlineData("base")]
    [InlineData("overlays/single")]
    public async Task Grace_IsLongerThanDrainAndStop(string path)
    {
        var overlay = await Overlay.ReadAsync(path);
        await using var app = Silo(out var directory);
        using var _ = directory;
        var stop = app.Services.GetRequiredService<IOptions<HostOptions>>().Value.ShutdownTimeout;
        var drain = TimeSpan.FromSeconds(overlay.Container.Lifecycle.PreStop.Sleep.Seconds);
        Assert.True(drain > TimeSpan.Zero);
        var grace = TimeSpan.FromSeconds(overlay.Pod.TerminationGracePeriodSeconds!.Value);
        Assert.True(grace >= drain + stop + TimeSpan.FromSeconds(30), $"{grace} is too short for {drain} and {stop}");
    }

    [Theory]
    [InlineData("base")]
    [InlineData("overlays/aks")]
    [InlineData("overlays/single")]
    public async Task Pod_IsLockedIn_AndWritesOnlyToItsVolumes(string path)
    {
        var overlay = await Overlay.ReadAsync(path);
        Assert.Equal((true, "RuntimeDefault", false), (overlay.Pod.SecurityContext.RunAsNonRoot!.Value, overlay.Pod.SecurityContext.SeccompProfile.Type, overlay.Container.SecurityContext.AllowPrivilegeEscalation!.Value));
        Assert.True(overlay.Container.SecurityContext.ReadOnlyRootFilesystem);
        Assert.Equal(["ALL"], overlay.Container.SecurityContext.Capabilities.Drop);
        Assert.Equal(["/data", "/tmp"], overlay.Container.VolumeMounts.Select(mount => mount.MountPath));
        Assert.Equal(["data", "tmp"], overlay.Pod.Volumes.Select(volume => volume.Name).Order());
        Assert.False(overlay.Only<V1ServiceAccount>().AutomountServiceAccountToken);
        Assert.Equal("ClientIP", overlay.Only<V1Service>().Spec.SessionAffinity);
    }

    [Fact]
    public async Task Cluster_SpreadsScalesAndGoesOneByOne()
    {
        var overlay = await Overlay.ReadAsync("overlays/aks");
        Assert.Null(overlay.Deployment.Spec.Replicas);
        var scaler = overlay.Only<V2HorizontalPodAutoscaler>().Spec;
        Assert.Equal((overlay.Deployment.Metadata.Name, 3), (scaler.ScaleTargetRef.Name, scaler.MinReplicas));
        Assert.Equal("1", overlay.Only<V1PodDisruptionBudget>().Spec.MaxUnavailable.Value);
        Assert.Equal(["topology.kubernetes.io/zone", "kubernetes.io/hostname"], overlay.Pod.TopologySpreadConstraints.Select(constraint => constraint.TopologyKey));
        var labels = overlay.Deployment.Spec.Template.Metadata.Labels;
        foreach (var selector in new[] { overlay.Only<V1PodDisruptionBudget>().Spec.Selector.MatchLabels, overlay.Deployment.Spec.Selector.MatchLabels, overlay.Only<V1Service>().Spec.Selector })
            Assert.All(selector, pair => Assert.Equal(pair.Value, labels[pair.Key]));
    }

    [Fact]
    public async Task Aks_FillsInIdentityAndHost()
    {
        var overlay = await Overlay.ReadAsync("overlays/aks");
        var variables = overlay.Environment;
        Assert.Equal(variables["IDENTITY_CLIENT_ID"], overlay.Only<V1ServiceAccount>().Metadata.Annotations["azure.workload.identity/client-id"]);
        Assert.Equal("true", overlay.Deployment.Spec.Template.Metadata.Labels["azure.workload.identity/use"]);
        var ingress = overlay.Only<V1Ingress>();
        Assert.Equal(variables["PUBLIC_HOST"], Assert.Single(ingress.Spec.Rules).Host);
        Assert.Equal("cookie", ingress.Metadata.Annotations["nginx.ingress.kubernetes.io/affinity"]);
        Assert.Equal("rollbook", Assert.Single(overlay.All<V1Namespace>()).Metadata.Name);
        Assert.Contains("replacement: rollbook", Assert.Single(overlay.Monitors), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Single_HasOneSiloOverOneVolume()
    {
        var overlay = await Overlay.ReadAsync("overlays/single");
        Assert.Equal((1, "Recreate"), (overlay.Deployment.Spec.Replicas, overlay.Deployment.Spec.Strategy.Type));
        Assert.Null(overlay.Deployment.Spec.Strategy.RollingUpdate);
        Assert.Empty(overlay.All<V2HorizontalPodAutoscaler>());
        Assert.Empty(overlay.All<V1PodDisruptionBudget>());
        var data = overlay.Pod.Volumes.Single(volume => volume.Name == "data");
        Assert.Null(data.EmptyDir);
        Assert.Equal(overlay.Only<V1PersistentVolumeClaim>().Metadata.Name, data.PersistentVolumeClaim.ClaimName);
    }

    private static RollbookOptions Options(Overlay overlay) => OptionsReader.Read(
        new ConfigurationBuilder().AddInMemoryCollection(Settings.OfEnvironment(overlay.Environment.GetValueOrDefault)).Build());

    private static int BindingPort(string url) => Microsoft.AspNetCore.Http.BindingAddress.Parse(url).Port;

    private static Microsoft.AspNetCore.Builder.WebApplication Silo(out TempDirectory directory)
    {
        directory = new TempDirectory();
        return SiloHost.Build(["--urls", "http://127.0.0.1:0", "--data", directory.Path], builder => builder.Logging.ClearProviders());
    }
}
