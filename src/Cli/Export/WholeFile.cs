using Rollbook.StepLog;

namespace Rollbook.Cli;

/// <summary>A file that appears whole or not at all: written under a temporary name beside it, synced, then renamed.</summary>
internal static class WholeFile
{
    public static async Task<T> WriteAsync<T>(string path, Func<Stream, Task<T>> write)
    {
        var full = Path.GetFullPath(path);
        var temporary = $"{full}.{Environment.ProcessId}.tmp";
        try
        {
            T result;
            await using (var stream = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16, useAsync: true))
            {
                result = await write(stream);
                await stream.FlushAsync();
                NativeDisk.Flush(stream.SafeFileHandle);
            }

            File.Move(temporary, full, overwrite: true);
            return result;
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }
}
