using System.Buffers.Binary;
using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Rollbook.Query;

/// <summary>One worker process: started with nothing but a word, told its job, killed when it is disposed.</summary>
internal sealed partial class QueryProcess : IAsyncDisposable
{
    private readonly Process process;
    private readonly DirectoryInfo directory;
    private readonly ILogger log;

    private QueryProcess(Process process, DirectoryInfo directory, ILogger log) => (this.process, this.directory, this.log) = (process, directory, log);

    /// <summary>What it says.</summary>
    public Stream Output => process.StandardOutput.BaseStream;

    /// <summary>Starts one.</summary>
    /// <param name="program">The command that starts this program as a worker.</param>
    /// <param name="log">Takes what it writes to its standard error.</param>
    public static QueryProcess Start(QueryProgram program, ILogger log)
    {
        // Of its own and empty: a relative name leads nowhere.
        var directory = Directory.CreateTempSubdirectory("rollbook-sql-");
        var start = new ProcessStartInfo(program.File)
        {
            WorkingDirectory = directory.FullName,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (var argument in program.Arguments) start.ArgumentList.Add(argument);
        start.ArgumentList.Add(QueryWorker.Verb);
        SetEnvironment(start.Environment, directory.FullName);
        Process process;
        try
        {
            process = Process.Start(start)!;
        }
        catch
        {
            directory.Delete();
            throw;
        }

        process.ErrorDataReceived += (_, line) =>
        {
            if (!string.IsNullOrEmpty(line.Data)) LogWorker(log, line.Data);
        };
        process.BeginErrorReadLine();
        return new QueryProcess(process, directory, log);
    }

    /// <summary>Tells it its job.</summary>
    public async Task SendAsync(SqlJob job, CancellationToken cancellation)
    {
        var bytes = job.Write();
        var head = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(head, bytes.Length);
        var input = process.StandardInput.BaseStream;
        await input.WriteAsync(head, cancellation);
        await input.WriteAsync(bytes, cancellation);
        await input.FlushAsync(cancellation);
    }

    /// <summary>Waits for its end and says how it ended.</summary>
    public async Task<int> ExitAsync(CancellationToken cancellation)
    {
        await process.WaitForExitAsync(cancellation);
        return process.ExitCode;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        try
        {
            process.Kill();
        }
        catch (InvalidOperationException)
        {
            // It has ended.
        }

        await process.WaitForExitAsync(CancellationToken.None);
        process.Dispose();
        try
        {
            directory.Delete(recursive: true);
        }
        catch (IOException error)
        {
            LogLeft(log, directory.FullName, error.Message);
        }
    }

    /// <summary>Nothing of this process's environment: it may hold keys. What is set keeps the runtime small, and from writing files.</summary>
    private static void SetEnvironment(IDictionary<string, string?> environment, string directory)
    {
        var root = environment.TryGetValue("DOTNET_ROOT", out var value) ? value : null;
        environment.Clear();
        if (root is not null) environment["DOTNET_ROOT"] = root;
        environment["HOME"] = directory;
        environment["TMPDIR"] = directory;
        environment["DOTNET_gcServer"] = "0";
        environment["DOTNET_gcConcurrent"] = "0";
        environment["DOTNET_GCHeapHardLimit"] = "0x20000000";
        environment["DOTNET_EnableDiagnostics"] = "0";
        environment["DOTNET_EnableWriteXorExecute"] = "0";
        environment["DOTNET_TieredPGO"] = "0";
        environment["DOTNET_NOLOGO"] = "1";
    }

    [LoggerMessage(1, LogLevel.Warning, "A query's worker says: {Line}")]
    private static partial void LogWorker(ILogger log, string line);

    [LoggerMessage(2, LogLevel.Warning, "The directory {Path} of a query's worker stays: {Reason}")]
    private static partial void LogLeft(ILogger log, string path, string reason);
}
