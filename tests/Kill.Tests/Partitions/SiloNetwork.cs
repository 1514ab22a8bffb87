using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;

namespace Rollbook.Kill.Tests;

/// <summary>
/// Namespaces in which each silo has an address of its own, joined by a bridge in one more. The test and the storage stand outside, at two addresses; a route that leads
/// nowhere cuts one way of one connection. Needs root and <c>ip netns</c>.
/// </summary>
internal sealed partial class SiloNetwork : IAsyncDisposable
{
    private const string Bridge = "bridge0";
    private static readonly Lazy<Task<string?>> LazyMissing = new(FindMissingAsync);

    private static int networks;

    // Several runs on one machine have networks of their own, and so have the tests of one: what is deleted goes some time later.
    private readonly string name = string.Create(CultureInfo.InvariantCulture, $"rb{Environment.ProcessId}n{Interlocked.Increment(ref networks)}");
    private readonly string prefix = string.Create(CultureInfo.InvariantCulture, $"10.{64 + (Environment.ProcessId % 128)}.{Environment.ProcessId / 128 % 256}");
    private readonly int silos;

    private SiloNetwork(int silos) => this.silos = silos;

    /// <summary>Where the storage is.</summary>
    public IPAddress Storage => IPAddress.Parse($"{prefix}.2");

    private string Switch => $"{name}-sw";

    /// <summary>Skips the test where there can be none.</summary>
    public static async Task NeedAsync()
    {
        var missing = await LazyMissing.Value;
        Assert.SkipWhen(missing is not null, missing ?? "");
    }

    /// <summary>Makes the network.</summary>
    public static async Task<SiloNetwork> CreateAsync(int silos)
    {
        var network = new SiloNetwork(silos);
        try
        {
            await network.CreateAsync();
            return network;
        }
        catch
        {
            await network.DisposeAsync();
            throw;
        }
    }

    /// <summary>A silo's address.</summary>
    public IPAddress Address(int silo) => IPAddress.Parse(string.Create(CultureInfo.InvariantCulture, $"{prefix}.{10 + silo}"));

    /// <summary>What runs a command where a silo is.</summary>
    public IReadOnlyList<string> Enter(int silo) => ["ip", "netns", "exec", Namespace(silo)];

    /// <summary>From now on nothing that a silo sends arrives at an address.</summary>
    public Task CutAsync(int silo, IPAddress to) => ChildProcess.RunAsync("ip", "-n", Namespace(silo), "route", "add", "blackhole", $"{to}/32");

    /// <summary>What it sends arrives again.</summary>
    public Task HealAsync(int silo, IPAddress to) => ChildProcess.RunAsync("ip", "-n", Namespace(silo), "route", "del", "blackhole", $"{to}/32");

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        // The test's own end at once, with its addresses, which the next network has too; a namespace takes the others along.
        await using (var link = ChildProcess.Start(["ip", "link", "del", name])) await link.ExitAsync(TimeSpan.FromSeconds(30));
        foreach (var space in (string[])[.. Enumerable.Range(0, silos).Select(Namespace), Switch])
        {
            await using var delete = ChildProcess.Start(["ip", "netns", "del", space]);
            await delete.ExitAsync(TimeSpan.FromSeconds(30));
        }
    }

    private string Namespace(int silo) => string.Create(CultureInfo.InvariantCulture, $"{name}-{silo}");

    private async Task CreateAsync()
    {
        await ChildProcess.RunAsync("ip", "netns", "add", Switch);
        await ChildProcess.RunAsync("ip", "-n", Switch, "link", "add", Bridge, "type", "bridge");
        await ChildProcess.RunAsync("ip", "-n", Switch, "link", "set", Bridge, "up");
        // Fifteen characters are the longest name of an interface.
        await ChildProcess.RunAsync("ip", "link", "add", name, "type", "veth", "peer", "name", "test", "netns", Switch);
        await ChildProcess.RunAsync("ip", "address", "add", $"{prefix}.1/24", "dev", name);
        await ChildProcess.RunAsync("ip", "address", "add", $"{Storage}/24", "dev", name);
        await ChildProcess.RunAsync("ip", "link", "set", name, "up");
        await ChildProcess.RunAsync("ip", "-n", Switch, "link", "set", "test", "master", Bridge, "up");
        for (var silo = 0; silo < silos; silo++)
        {
            var port = string.Create(CultureInfo.InvariantCulture, $"silo{silo}");
            await ChildProcess.RunAsync("ip", "netns", "add", Namespace(silo));
            await ChildProcess.RunAsync("ip", "-n", Namespace(silo), "link", "set", "lo", "up");
            await ChildProcess.RunAsync("ip", "-n", Switch, "link", "add", port, "type", "veth", "peer", "name", "eth0", "netns", Namespace(silo));
            await ChildProcess.RunAsync("ip", "-n", Switch, "link", "set", port, "master", Bridge, "up");
            await ChildProcess.RunAsync("ip", "-n", Namespace(silo), "address", "add", $"{Address(silo)}/24", "dev", "eth0");
            await ChildProcess.RunAsync("ip", "-n", Namespace(silo), "link", "set", "eth0", "up");
        }
    }

    private static async Task<string?> FindMissingAsync()
    {
        if (!OperatingSystem.IsLinux() || Environment.UserName != "root") return "Networks are cut in namespaces, which takes Linux and root.";
        try
        {
            await SweepAsync();
            await using var one = await CreateAsync(1);
            return null;
        }
        catch (Exception cause) when (cause is Xunit.Sdk.XunitException or System.ComponentModel.Win32Exception)
        {
            return $"Networks can't be cut here, 'ip netns' does not work: {cause.Message}";
        }
    }

    /// <summary>Deletes what tests left behind that were killed: namespaces bear the number of the process that made them. Its silos went with it, and an interface goes with its other end.</summary>
    private static async Task SweepAsync()
    {
        const string Namespaces = "/run/netns";
        if (!Directory.Exists(Namespaces)) return;
        foreach (var space in Directory.GetFiles(Namespaces).Select(Path.GetFileName))
        {
            if (OurName().Match(space!) is not { Success: true } match || Directory.Exists($"/proc/{match.Groups[1].Value}")) continue;
            await using var delete = ChildProcess.Start(["ip", "netns", "del", space!]);
            await delete.ExitAsync(TimeSpan.FromSeconds(30));
        }
    }

    [GeneratedRegex(@"^rb(\d+)n\d+-(?:\d+|sw)$")]
    private static partial Regex OurName();
}
