using System.Text.RegularExpressions;
using Rollbook.Client;

namespace Rollbook.Testing;

/// <summary>A recorder in a process of its own, which may be killed.</summary>
internal sealed partial class SiloProcess : IAsyncDisposable
{
    private static readonly TimeSpan LongestStart = TimeSpan.FromSeconds(180);
    private readonly ChildProcess child;

    private SiloProcess(ChildProcess child, Uri address, TimeSpan readyAfter)
    {
        this.child = child;
        Address = address;
        ReadyAfter = readyAfter;
    }

    /// <summary>Where it serves the API.</summary>
    public Uri Address { get; }

    /// <summary>From the start of the process to the line that tells that it is ready.</summary>
    public TimeSpan ReadyAfter { get; }

    public int Id => child.Id;

    public bool HasExited => child.HasExited;

    public OutputLines Output => child.Output;

    /// <summary>The built recorder: beside this test, or where the environment says.</summary>
    public static string Dll { get; } = Environment.GetEnvironmentVariable("ROLLBOOK_SILO_DLL") is { Length: > 0 } given
        ? given
        : Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../Silo", Path.GetFileName(AppContext.BaseDirectory.TrimEnd('/')), "Rollbook.Silo.dll"));

    /// <summary>Starts a recorder on a data directory and waits until it is ready.</summary>
    public static async Task<SiloProcess> StartAsync(
        string data, IReadOnlyDictionary<string, string>? environment = null, IReadOnlyList<string>? under = null, SiloPorts ports = default)
    {
        var begun = TimeProvider.System.GetTimestamp();
        var child = Launch(data, environment, under, ports);
        try
        {
            var line = await child.LineAsync(ReadyLine().IsMatch, "the line that it is ready", LongestStart);
            return new SiloProcess(child, new Uri(ReadyLine().Match(line).Groups[1].Value), TimeProvider.System.GetElapsedTime(begun));
        }
        catch
        {
            await child.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts one and awaits nothing.</summary>
    /// <param name="data">The data directory.</param>
    /// <param name="environment">What its environment has besides.</param>
    /// <param name="under">The command that starts it, such as a tracer; null: none.</param>
    /// <param name="ports">Its ports, where a client looks for the next recorder at the same place.</param>
    public static ChildProcess Launch(
        string data, IReadOnlyDictionary<string, string>? environment = null, IReadOnlyList<string>? under = null, SiloPorts ports = default)
    {
        var variables = new Dictionary<string, string>
        {
            // A killed process loses nothing that the kernel has: a container's layered file system is good enough for these tests.
            ["Rollbook__LocalStepLog__AllowUnsafeFileSystem"] = "true",
            ["DOTNET_NOLOGO"] = "1",
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>()) variables[name] = value;
        return ChildProcess.Start(
            [.. under ?? [], "dotnet", Dll, "--urls", $"http://{ports.Host}:{ports.Http}", "--data", data, "--silo-port", $"{ports.Silo}", "--gateway-port", $"{ports.Gateway}"], variables);
    }

    /// <summary>A client that tries once, or for a while.</summary>
    public RollbookHttpClient Client(TimeSpan giveUpAfter = default) => new(new RollbookHttpOptions
    {
        BaseAddress = Address,
        GiveUpAfter = giveUpAfter,
        JitterSeed = 1,
    });

    /// <summary>SIGKILL; returns when the process is gone.</summary>
    public async Task KillAsync()
    {
        child.Signal(Signals.Kill);
        await child.ExitAsync(TimeSpan.FromSeconds(30));
    }

    public void Signal(int signal) => child.Signal(signal);

    public Task<int> ExitAsync(TimeSpan longest) => child.ExitAsync(longest);

    public ValueTask DisposeAsync() => child.DisposeAsync();

    [GeneratedRegex(@"Rollbook is ready at (http://[^\s]+)")]
    private static partial Regex ReadyLine();
}
