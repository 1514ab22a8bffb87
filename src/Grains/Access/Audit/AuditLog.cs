using Rollbook.StepLog;

namespace Rollbook.Access;

/// <summary>
/// The audit log of a data directory: lines are only appended, each flushed to the disk before it counts. A line that a crash has cut is taken away at the next
/// start; a log that was changed otherwise is not written on.
/// </summary>
/// <param name="path">The file; made where it is missing.</param>
/// <param name="time">The clock.</param>
internal sealed class AuditLog(string path, TimeProvider time) : IDisposable
{
    private readonly Lock gate = new();
    private IDiskFile? file;
    private AuditFile? state;
    private bool failed;

    /// <summary>Appends an entry. It is durable when this returns.</summary>
    /// <exception cref="IOException">It can't be written, now or since an earlier failure: what it tells of must not be done.</exception>
    public void Append(in AuditEntry entry)
    {
        lock (gate)
        {
            if (failed) throw new IOException($"The audit log '{path}' failed before and is not written on. Restart the recorder when the disk is well.");
            var before = state ?? Open();
            var (line, hash) = AuditChain.Write(before.Entries + 1, time.GetUtcNow(), entry, before.Head);
            try
            {
                file!.Write([.. line, (byte)'\n'], before.Length);
                file.Flush();
            }
            catch
            {
                // What the disk holds is unknown, and a flush is not repeated.
                failed = true;
                throw;
            }

            state = new AuditFile(before.Entries + 1, hash, before.Length + line.Length + 1, null, false);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (gate)
        {
            failed = true;
            file?.Dispose();
        }
    }

    private AuditFile Open()
    {
        var directory = Path.GetDirectoryName(path)!;
        DiskFiles.Instance.CreateDirectory(directory);
        var found = AuditFile.Read(path);
        if (found.Fault is { } line)
        {
            throw new IOException(
                $"The audit log '{path}' was changed at line {line}: see rollbook audit. Keep the file elsewhere as evidence and move it away, and a new one begins.");
        }

        if (found.Torn)
        {
            using var cut = new FileStream(path, FileMode.Open, FileAccess.Write);
            cut.SetLength(found.Length);
        }

        file = DiskFiles.Instance.Open(path, FileMode.OpenOrCreate, FileAccess.ReadWrite)!;
        DiskFiles.Instance.FlushDirectory(directory);
        DiskFiles.Instance.FlushDirectory(Path.GetDirectoryName(directory)!);
        return state = found with { Torn = false };
    }
}
