using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Rollbook.Benchmarks;

/// <summary>A database server of a comparison, on a free loopback port; it ends with its owner.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private readonly Process process;
    private readonly List<string> said = [];

    private ServerProcess(Process process) => this.process = process;

    /// <summary>The first of these programs that exists.</summary>
    /// <exception cref="FileNotFoundException">None is installed; the message is for the table.</exception>
    public static string Find(string program, params string[] folders)
    {
        var places = folders.Concat((Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator));
        return places.Select(place => Path.Combine(place, program)).FirstOrDefault(File.Exists)
            ?? throw new FileNotFoundException($"{program} is not installed");
    }

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public static ServerProcess Start(string directory, params string[] command)
    {
        var info = new ProcessStartInfo(command[0], command.Skip(1)) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = directory };
        var server = new ServerProcess(Process.Start(info)!);
        server.process.OutputDataReceived += (_, line) => server.Say(line.Data);
        server.process.ErrorDataReceived += (_, line) => server.Say(line.Data);
        server.process.BeginOutputReadLine();
        server.process.BeginErrorReadLine();
        return server;
    }

    /// <summary>Runs a command to its end.</summary>
    public static async Task RunAsync(string directory, params string[] command)
    {
        await using var child = Start(directory, command);
        await child.process.WaitForExitAsync();
        if (child.process.ExitCode != 0) throw new InvalidOperationException($"'{string.Join(' ', command)}' ended with {child.process.ExitCode}: {child.Text()}");
    }

    /// <summary>Tries until <paramref name="connect"/> does not throw, for 30 s.</summary>
    public async Task<T> ReadyAsync<T>(Func<Task<T>> connect)
    {
        for (var tries = 0; ; tries++)
        {
            try
            {
                return await connect();
            }
            catch (Exception e) when (tries < 300 && !process.HasExited && e is not OperationCanceledException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"The server did not start: {Text()}", e);
            }
        }
    }

    /// <summary>CPU seconds of the process and of its children, which servers that fork have.</summary>
    public double CpuSeconds() => Family(process.Id).Sum(static id =>
    {
        try
        {
            using var member = Process.GetProcessById(id);
            return member.TotalProcessorTime.TotalSeconds;
        }
        catch (ArgumentException)
        {
            return 0;
        }
    });

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited) process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync();
        process.Dispose();
    }

    private static List<int> Family(int parent)
    {
        var children = $"/proc/{parent}/task/{parent}/children";
        List<int> family = [parent];
        if (File.Exists(children))
            family.AddRange(File.ReadAllText(children).Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(id => int.Parse(id, System.Globalization.CultureInfo.InvariantCulture)));
        return family;
    }

    private void Say(string? line)
    {
        lock (said)
        {
            if (line is not null && said.Count < 50) said.Add(line);
        }
    }

    private string Text()
    {
        lock (said) return string.Join('\n', said);
    }
}
