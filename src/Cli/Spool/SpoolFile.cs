using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Rollbook.StepLog;

namespace Rollbook.Cli;

/// <summary>A spool file that no other process holds, held until it is disposed of.</summary>
internal sealed class SpoolFile : IDisposable
{
    private const string RefusedExtension = ".refused";

    private static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private SpoolFile(string path, FileStream stream)
    {
        Path = path;
        Stream = stream;
    }

    public string Path { get; }

    public FileStream Stream { get; }

    /// <summary>Where what is refused for good goes. A file of refused records that is sent again keeps the rest to itself.</summary>
    public string RefusedPath => System.IO.Path.ChangeExtension(Path, RefusedExtension);

    /// <summary>Takes the file; null where a live process holds it, or it is gone since it was listed.</summary>
    public static SpoolFile? TryTake(string path)
    {
        FileStream stream;
        try
        {
            // Without a share the runtime takes the advisory lock of the whole file, on Linux the same that Python's flock takes.
            stream = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.Asynchronous | FileOptions.SequentialScan);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
        catch (IOException)
        {
            return null;
        }

        // The runtime's own lock can be switched off from outside.
        if (NativeDisk.TryLock(stream.SafeFileHandle))
            return new SpoolFile(path, stream);
        stream.Dispose();
        return null;
    }

    /// <summary>A refused record as it is kept: as it was, with the reason in it.</summary>
    public static byte[] Refused(SpoolRecord record, string code, string reason)
    {
        var json = new ArrayBufferWriter<byte>(record.Json.Length + 256);
        using (var whole = new RawObject(record.Json))
            whole.WriteAllBut(json, "refused");
        json.Write(",\"refused\":"u8);
        using (var writer = new Utf8JsonWriter(json, Compact))
            WriteReason(writer, code, reason);
        json.Write("}"u8);
        return SpoolRecord.Line(json.WrittenSpan);
    }

    /// <summary>A damaged line as it is kept: its bytes, whatever they are.</summary>
    public static byte[] Refused(FileLine line, string reason)
    {
        var json = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(json, Compact))
        {
            writer.WriteStartObject();
            writer.WriteString("do", "damaged");
            writer.WriteNumber("line", line.Number);
            writer.WriteNumber("offset", line.Offset);
            writer.WriteBase64String("base64", line.Bytes.Span);
            writer.WritePropertyName("refused");
            WriteReason(writer, "damaged", reason);
            writer.WriteEndObject();
        }

        return SpoolRecord.Line(json.WrittenSpan);
    }

    /// <summary>All of it was answered: keeps what was refused, durably, then deletes the file.</summary>
    public async Task CloseAsync(IReadOnlyList<byte[]> refused)
    {
        var itself = RefusedPath == Path;
        if (refused.Count > 0)
        {
            var earlier = !itself && File.Exists(RefusedPath) ? await File.ReadAllBytesAsync(RefusedPath) : [];
            await WholeFile.WriteAsync(RefusedPath, async stream =>
            {
                await stream.WriteAsync(earlier);
                foreach (var line in refused)
                    await stream.WriteAsync(line);
                return true;
            });
            NativeDisk.FlushDirectory(System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(RefusedPath))!);
        }

        if (!itself || refused.Count == 0)
            File.Delete(Path);
    }

    public void Dispose() => Stream.Dispose();

    private static void WriteReason(Utf8JsonWriter writer, string code, string reason)
    {
        writer.WriteStartObject();
        writer.WriteString("code", code);
        writer.WriteString("detail", reason);
        writer.WriteEndObject();
    }
}
