using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Rollbook.Silo.Doctor;

namespace Rollbook.Silo.Tests.Doctor;

public sealed class DoctorApiTests
{
    [Fact]
    public async Task Doctor_OfAWellSilo_TellsVersionsAndNoCure()
    {
        using var directory = new TempDirectory();
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(directory.Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        await using var silo = await SiloServer.StartAsync(directory.Path);
        var (status, report) = await silo.GetAsync("/v1/doctor");

        Assert.Equal(200, status);
        Assert.StartsWith(typeof(DoctorApi).Assembly.GetName().Version!.ToString(3), (string)report!["version"]!, StringComparison.Ordinal);
        Assert.Equal(["chunk", "frame", "index", "pack"], report["formats"]!.AsObject().Select(format => format.Key));
        // What the machine of this test has is not the test's matter.
        var checks = Checks(report).Where(check => check.Key is not ("file_system" or "space")).ToList();
        Assert.Equal(["archive", "clocks", "configuration", "log", "permissions", "recovery"], checks.Select(check => check.Key).Order());
        Assert.All(checks, check => Assert.Equal(("ok", null), ((string)check.Value["state"]!, (string?)check.Value["cure"])));
    }

    [Fact]
    public async Task Doctor_WithWhatBetterWereNotSet_WarnsAndNamesTheCure()
    {
        using var directory = new TempDirectory();
        await using var silo = await SiloServer.StartAsync(directory.Path, settings: new Dictionary<string, string?> { ["Rollbook:InsecureIUnderstand"] = "true" });
        var (_, report) = await silo.GetAsync("/v1/doctor");

        var check = Checks(report!)["configuration"];
        Assert.Equal("warn", (string)check["state"]!);
        Assert.Contains("--insecure-i-understand", (string)check["text"]!, StringComparison.Ordinal);
        Assert.Contains("credentials", (string)check["cure"]!, StringComparison.Ordinal);
        Assert.NotEqual("ok", (string)report!["state"]!);
    }

    [Fact]
    public async Task Doctor_WhenACheckThrows_FailsWithoutItsMessage()
    {
        using var directory = new TempDirectory();
        await using var silo = await SiloServer.StartAsync(directory.Path, builder => builder.Services.AddHealthChecks().AddCheck<Throwing>("throwing"));
        var (status, report) = await silo.GetAsync("/v1/doctor");

        Assert.Equal((200, "fail", "fail"), (status, (string)report!["state"]!, (string)Checks(report)["throwing"]["state"]!));
        Assert.DoesNotContain("secret", report.ToJsonString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0.9, HealthStatus.Healthy)]
    [InlineData(-1.1, HealthStatus.Degraded)]
    [InlineData(61, HealthStatus.Unhealthy)]
    [InlineData(-61, HealthStatus.Unhealthy)]
    public void Clocks_BySkew_AreWellBadOrWorse(double seconds, HealthStatus status) =>
        Assert.Equal(status, ClocksHealth.Of(TimeSpan.FromSeconds(seconds), 3).Status);

    private static Dictionary<string, JsonNode> Checks(JsonNode report) =>
        report["checks"]!.AsArray().ToDictionary(check => (string)check!["check"]!, check => check!);

    private sealed class Throwing : IHealthCheck
    {
        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
            throw new InvalidOperationException("a secret");
    }
}
