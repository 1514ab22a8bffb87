using System.Diagnostics;
using Xunit;

namespace Rollbook.Testing;

/// <summary>A process that a test started, and that is gone when the test is over, even when the test was killed.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private readonly System.Diagnostics.Process process;
    private readonly Task reading;

    private ChildProcess(System.Diagnostics.Process process)
    {
        this.process = process;
        Id = process.Id;
        reading = ReadAsync();
    }

    public int Id { get; }

    public bool HasExited => process.HasExited;

    /// <summary>Standard output and error together.</summary>
    public OutputLines Output { get; } = new();

    public static ChildProcess Start(IReadOnlyList<string> command, IReadOnlyDictionary<string, string>? environment = null)
    {
        var info = new ProcessStartInfo(command[0], command.Skip(1))
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        // What is set for the tests is not meant for the recorder.
        foreach (var name in info.Environment.Keys.Where(name => name.StartsWith("ROLLBOOK_", StringComparison.OrdinalIgnoreCase)).ToList())
            info.Environment.Remove(name);
        foreach (var (name, value) in environment ?? new Dictionary<string, string>()) info.Environment[name] = value;
        return new ChildProcess(TiedStarts.Start(info));
    }

    /// <summary>Runs a command to its end; throws where that isn't good.</summary>
    public static async Task RunAsync(params string[] command)
    {
        await using var child = Start(command);
        var code = await child.ExitAsync(TimeSpan.FromSeconds(60));
        Assert.True(code == 0, $"'{string.Join(' ', command)}' ended with {code}: {child.Output}");
    }

    public void Signal(int signal) => Signals.Send(Id, signal);

    /// <summary>The first line of the output that is <paramref name="wanted"/>.</summary>
    public async Task<string> LineAsync(Func<string, bool> wanted, string what, TimeSpan longest)
    {
        try
        {
            return await Output.FindAsync(wanted).WaitAsync(longest, TimeProvider.System)
                ?? throw new InvalidOperationException($"Process {Id} ended without {what}. It said:\n{Output}");
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"Process {Id} did not write {what} within {longest.TotalSeconds:0} s. It said:\n{Output}");
        }
    }

    /// <summary>The exit code, once the process is gone; 128 + n where signal n ended it.</summary>
    public async Task<int> ExitAsync(TimeSpan longest)
    {
        try
        {
            await process.WaitForExitAsync().WaitAsync(longest, TimeProvider.System);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"Process {Id} did not end within {longest.TotalSeconds:0} s. It said:\n{Output}");
        }

        await reading.WaitAsync(longest, TimeProvider.System);
        return process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited) process.Kill();
        await process.WaitForExitAsync();
        await reading;
        process.Dispose();
    }

    private async Task ReadAsync()
    {
        await Task.WhenAll(Output.ReadAsync(process.StandardOutput), Output.ReadAsync(process.StandardError));
        Output.End();
    }
}
