using Rollbook.StepLog;

namespace Rollbook.Cli;

/// <summary>A file that appears whole or not at all: written under a temporary name beside it, synced, then renamed.</summary>
internal static class WholeFile
{
    public static async Task<T> WriteAsync<T>(string path, Func<Stream, Task<T>> write)
    {
        T? result = default;
        await TryWriteAsync(path, async stream =>
        {
            result = await write(stream);
            return true;
        });
        return result!;
    }

    /// <summary>Writes it where there is something to write.</summary>
    /// <param name="path">The file.</param>
    /// <param name="write">Writes the whole content; false = there is none, and no file appears.</param>
    /// <returns>What was written says.</returns>
    public static async Task<bool> TryWriteAsync(string path, Func<Stream, Task<bool>> write)
    {
        var full = Path.GetFullPath(path);
        var temporary = $"{full}.{Environment.ProcessId}.tmp";
        try
        {
            bool isWritten;
            await using (var stream = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16, useAsync: true))
            {
                isWritten = await write(stream);
                await stream.FlushAsync();
                NativeDisk.Flush(stream.SafeFileHandle);
            }

            if (isWritten)
                File.Move(temporary, full, overwrite: true);
            else
                File.Delete(temporary);
            return isWritten;
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }
}
