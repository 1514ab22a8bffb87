using Microsoft.Win32.SafeHandles;

namespace Rollbook.StepLog;

/// <summary>A file of the real file system, by offset, without the buffers and the position of a stream.</summary>
internal sealed class DiskFile(SafeFileHandle handle) : IDiskFile
{
    public long Length => RandomAccess.GetLength(handle);

    public int Read(Span<byte> into, long offset)
    {
        var total = 0;
        while (total < into.Length)
        {
            var read = RandomAccess.Read(handle, into[total..], offset + total);
            if (read == 0) break;
            total += read;
        }

        return total;
    }

    public void Write(ReadOnlySpan<byte> bytes, long offset) => RandomAccess.Write(handle, bytes, offset);

    public void Flush() => NativeDisk.Flush(handle);

    public void Uncache() => NativeDisk.Uncache(handle);

    public void Dispose() => handle.Dispose();
}
