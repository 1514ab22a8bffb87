using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace Rollbook.Cli;

/// <summary>A recorder that the benchmark started for itself, on free loopback ports.</summary>
internal sealed partial class RecorderProcess : IAsyncDisposable
{
    private static readonly TimeSpan LongestStart = TimeSpan.FromSeconds(60);
    private readonly Process _process;

    private RecorderProcess(Process process, IPEndPoint gateway)
    {
        _process = process;
        Gateway = gateway;
    }

    public Uri Address { get; private set; } = new("http://127.0.0.1/");

    public IPEndPoint Gateway { get; }

    /// <summary>The key that it made, where it asks for one.</summary>
    public string? AdminKey { get; private set; }

    /// <summary>CPU time that it has used, all threads together.</summary>
    public TimeSpan CpuTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <exception cref="CliException">It did not start; the message has what it said.</exception>
    public static async Task<RecorderProcess> StartAsync(
        IReadOnlyList<string> command, string data, TimeProvider time, CancellationToken cancellation, bool requireKeys = false)
    {
        var gateway = new IPEndPoint(IPAddress.Loopback, FreePort());
        var port = gateway.Port.ToString(CultureInfo.InvariantCulture);
        var info = new ProcessStartInfo(command[0], [.. command.Skip(1), "--urls", "http://127.0.0.1:0", "--data", data, "--gateway-port", port, .. (string[])(requireKeys ? ["--require-keys"] : [])])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // The caller's own recorder is not this one; what tunes the runtime or the log stays.
        foreach (var name in info.Environment.Keys.Where(name => name.StartsWith("ROLLBOOK_", StringComparison.OrdinalIgnoreCase) && !name.Contains("__", StringComparison.Ordinal)).ToList())
            info.Environment.Remove(name);
        // Nothing that lives longer than the run is at risk, and the report names the file system.
        info.Environment["Rollbook__LocalStepLog__AllowUnsafeFileSystem"] = "true";
        foreach (var name in (string[])["DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS", "DOTNET_SYSTEM_NET_SOCKETS_THREAD_COUNT"])
            info.Environment.Remove(name);
        var recorder = new RecorderProcess(Process.Start(info)!, gateway);
        try
        {
            await recorder.ReadyAsync(requireKeys, time, cancellation);
            return recorder;
        }
        catch
        {
            await recorder.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        // Killed, not asked to stop: what it has acknowledged is on the disk, and a stop would only take longer.
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private async Task ReadyAsync(bool withKey, TimeProvider time, CancellationToken cancellation)
    {
        var said = new List<string>();
        _process.ErrorDataReceived += (_, line) =>
        {
            lock (said)
            {
                if (line.Data is not null && said.Count < 100)
                    said.Add(line.Data);
            }
        };
        _process.BeginErrorReadLine();
        var ready = new TaskCompletionSource<Uri?>(TaskCreationOptions.RunContinuationsAsynchronously);
        Uri? at = null;
        _process.OutputDataReceived += (_, line) =>
        {
            if (line.Data is null)
                ready.TrySetResult(null);
            else if (ReadyLine().Match(line.Data) is { Success: true } match)
                at = new Uri(match.Groups[1].Value.TrimEnd('/') + "/");
            else if (KeyLine().Match(line.Data) is { Success: true } key)
                AdminKey = key.Groups[1].Value;
            if (at is not null && (AdminKey is not null || !withKey))
                ready.TrySetResult(at);
        };
        _process.BeginOutputReadLine();
        Uri? address;
        try
        {
            address = await ready.Task.WaitAsync(LongestStart, time, cancellation);
        }
        catch (TimeoutException)
        {
            address = null;
        }

        lock (said)
        {
            Address = address ?? throw new CliException(
                ExitCode.Failed, "no_recorder", $"The recorder did not start. It said: {(said.Count == 0 ? "nothing" : string.Join('\n', said))}");
        }
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    [GeneratedRegex(@"Rollbook is ready at (http://[^\s]+)")]
    private static partial Regex ReadyLine();

    // On a data directory that has keys already there is none, and the start ends with the time for it: a benchmark's directory is new.
    [GeneratedRegex(@"^The administrator's key, shown this once: (\S+)")]
    private static partial Regex KeyLine();
}
