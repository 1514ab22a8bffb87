using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Rollbook.StepLog;

/// <summary>
/// The right to use a data directory: held by one process of one machine. Who holds it knows that every other log in it is dead. The
/// operating system gives it back when the process ends, however it ends.
/// </summary>
public sealed class DataDirectoryLock : IDisposable
{
    private readonly SafeFileHandle _file;

    private DataDirectoryLock(SafeFileHandle file) => _file = file;

    /// <summary>Takes the directory, which is made where there is none, and proves that it keeps what it is given.</summary>
    /// <exception cref="DataDirectoryException">Another process has it, or its file system cannot be trusted.</exception>
    public static DataDirectoryLock Acquire(LocalStepLogOptions options)
    {
        var data = Path.GetFullPath(options.DataDirectory);
        Directory.CreateDirectory(data);
        var file = Open(data);
        try
        {
            DataDirectoryCheck.Prove(data, options.AllowUnsafeFileSystem);
            // For the message that a second process gives, never for a decision.
            WholeFile.Write(DiskFiles.Instance, OwnerPath(data), Encoding.UTF8.GetBytes(
                string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId} {HostBoot.Id}\n")));
            return new DataDirectoryLock(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Gives the directory back.</summary>
    public void Dispose() => _file.Dispose();

    private static SafeFileHandle Open(string data)
    {
        SafeFileHandle? file = null;
        try
        {
            file = File.OpenHandle(Path.Combine(data, "rollbook.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (UnauthorizedAccessException denied)
        {
            throw new DataDirectoryException($"The data directory '{data}' cannot be written: {denied.Message} Name another one with --data.", denied);
        }
        catch (IOException taken) when (!DiskFull.Is(taken))
        {
            throw InUse(data, taken);
        }

        // Once more by hand: the runtime's own lock can be switched off from outside.
        if (NativeDisk.TryLock(file)) return file;
        file.Dispose();
        throw InUse(data, null);
    }

    private static DataDirectoryException InUse(string data, Exception? cause)
    {
        var owner = "another process";
        try
        {
            var words = File.ReadAllText(OwnerPath(data)).Split([' ', '\n']);
            if (words is [var pid, var boot, ..]) owner = boot == HostBoot.Id ? $"process {pid}" : $"process {pid} of another machine or container";
        }
        catch (IOException)
        {
            // The owner has not signed yet.
        }

        return new DataDirectoryException(
            $"The data directory '{data}' is in use by {owner}. Stop it, or name another directory with --data.", cause);
    }

    private static string OwnerPath(string data) => Path.Combine(data, "rollbook.owner");
}
