using System.Diagnostics;
using System.Text.RegularExpressions;
using Xunit;

namespace Rollbook.Testing;

/// <summary>
/// Azurite, the emulator of Azure Storage, on loopback ports of its own choice and with its data in memory. One for a test assembly:
/// <c>[assembly: AssemblyFixture(typeof(Azurite))]</c>. It starts when its connection string is first asked for, so that a run of other tests needs none.
/// </summary>
/// <remarks>
/// It stands for the service's answers, never for its durability. Each test takes table and container names of its own (<see cref="NewName"/>).
/// <c>test.sh</c> installs it below <c>artifacts/azurite</c>; <c>ROLLBOOK_AZURITE</c> names another place. Where it is missing, tests are skipped.
/// </remarks>
public sealed partial class Azurite : IDisposable
{
    // The account that every emulator has: https://learn.microsoft.com/azure/storage/common/storage-use-azurite
    private const string Account = "devstoreaccount1";
    private const string Key = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    // The end of its input is the end of the tests, even when they were killed: no server outlives them.
    private const string Script =
        "const main = process.argv[1]; process.stdin.on('end', () => process.exit()).resume(); require(main);";

    private static readonly string[] Arguments =
    [
        "--blobHost", "127.0.0.1", "--blobPort", "0", "--queueHost", "127.0.0.1", "--queuePort", "0", "--tableHost", "127.0.0.1", "--tablePort", "0",
        // Longer than any test: a connection that closes as a request comes in is a fault, and those the tests make themselves.
        "--blobKeepAliveTimeout", "900", "--queueKeepAliveTimeout", "900", "--tableKeepAliveTimeout", "900",
        "--inMemoryPersistence", "--skipApiVersionCheck", "--disableTelemetry", "--silent",
    ];

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);
    private readonly Lazy<string> _connectionString;
    private Process? _process;

    /// <summary>Starts nothing yet.</summary>
    public Azurite() => _connectionString = new Lazy<string>(() => Start(Main()));

    /// <summary>
    /// The connection string of the running emulator, with blob, queue and table endpoints. Skips the test that asks where Azurite or Node is missing.
    /// </summary>
    public string ConnectionString => _connectionString.Value;

    /// <summary>A name that no other test has: letters and digits, for tables and containers alike.</summary>
    /// <param name="prefix">Its begin, a lower-case letter first.</param>
    public static string NewName(string prefix) => prefix + Guid.NewGuid().ToString("N");

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_process is null) return;
        if (!_process.HasExited) _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    private static string Main()
    {
        const string Path = "node_modules/azurite/dist/src/azurite.js";
        var places = Environment.GetEnvironmentVariable("ROLLBOOK_AZURITE") is { Length: > 0 } named ? [named] : Above(AppContext.BaseDirectory);
        var main = places.Select(place => System.IO.Path.Combine(place, Path)).FirstOrDefault(File.Exists);
        Assert.SkipWhen(main is null, "Azurite is not installed: ./test.sh installs it below artifacts/azurite where it finds node and npm; ROLLBOOK_AZURITE names another place.");
        Assert.SkipUnless(OnPath("node"), "node is not installed: Azurite needs it.");
        return main!;
    }

    private static IEnumerable<string> Above(string directory)
    {
        for (var at = new DirectoryInfo(directory); at is not null; at = at.Parent) yield return Path.Combine(at.FullName, "azurite");
    }

    private static bool OnPath(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator)
        .Any(place => File.Exists(Path.Combine(place, program)) || File.Exists(Path.Combine(place, program + ".exe")));

    private string Start(string main)
    {
        var info = new ProcessStartInfo("node", ["-e", Script, main, .. Arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(),
        };
        var process = _process = Process.Start(info) ?? throw new InvalidOperationException("node did not start.");
        var endpoints = new Dictionary<string, string>();
        var told = new List<string>();
        var listening = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        process.OutputDataReceived += (_, line) => Hear(line.Data);
        process.ErrorDataReceived += (_, line) => Hear(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        if (!listening.Task.Wait(Patience))
        {
            lock (told) throw new TimeoutException($"Azurite's three services did not listen within {Patience}. It said: {string.Join('\n', told)}");
        }

        return $"DefaultEndpointsProtocol=http;AccountName={Account};AccountKey={Key};" + string.Join(
            ';', endpoints.Select(endpoint => $"{endpoint.Key}Endpoint={endpoint.Value}/{Account}"));

        void Hear(string? line)
        {
            lock (told)
            {
                told.Add(line ?? "(end)");
                if (line is not null && Listening().Match(line) is { Success: true } match) endpoints[match.Groups[1].Value] = match.Groups[2].Value;
                if (endpoints.Count == 3) listening.TrySetResult();
                else if (line is null) listening.TrySetException(new InvalidOperationException($"Azurite ended: {string.Join('\n', told)}"));
            }
        }
    }

    [GeneratedRegex(@"Azurite (Blob|Queue|Table) service is successfully listening at (\S+)")]
    private static partial Regex Listening();
}
