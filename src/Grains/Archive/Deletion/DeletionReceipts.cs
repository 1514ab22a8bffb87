using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Rollbook.StepLog;

namespace Rollbook.Archive;

/// <summary>
/// The receipts of deletions that are final, a small object each:
/// <code>
///   {"format":1, "receipt":"ID", "episodes":1, "steps":1, "bytes":1, "requested_at":1790000000000, "erased_at":1790000000000}
/// </code>
/// </summary>
internal sealed class DeletionReceipts(IArchiveStore store)
{
    private const int Format = 1;

    /// <summary>Keeps a final receipt. One that is kept stays as it is.</summary>
    public async ValueTask KeepAsync(string project, DeletionReceipt receipt, CancellationToken cancellation) =>
        await store.ReplaceAsync(ArchivePaths.Deletion(project, receipt.Receipt), Write(receipt), null, cancellation);

    /// <summary>A final receipt; null where there is none.</summary>
    /// <exception cref="PackVersionException">A newer release wrote it.</exception>
    public async ValueTask<DeletionReceipt?> FindAsync(string project, LogId receipt, CancellationToken cancellation)
    {
        var name = ArchivePaths.Deletion(project, receipt);
        await using var stored = await store.OpenAsync(name, cancellation);
        if (stored is null) return null;
        using var document = await JsonDocument.ParseAsync(stored.Content, default, cancellation);
        var json = document.RootElement;
        if (json.GetProperty("format"u8).GetInt32() is var format && format != Format) throw new PackVersionException(name, format.ToString(CultureInfo.InvariantCulture));
        return new DeletionReceipt(
            receipt, json.GetProperty("episodes"u8).GetInt64(), json.GetProperty("steps"u8).GetInt64(), json.GetProperty("bytes"u8).GetInt64(),
            json.GetProperty("requested_at"u8).GetInt64(), json.GetProperty("erased_at"u8).GetInt64());
    }

    private static ReadOnlyMemory<byte> Write(DeletionReceipt receipt)
    {
        var bytes = new ArrayBufferWriter<byte>(256);
        using var json = new Utf8JsonWriter(bytes);
        json.WriteStartObject();
        json.WriteNumber("format"u8, Format);
        json.WriteString("receipt"u8, receipt.Receipt.ToString());
        json.WriteNumber("episodes"u8, receipt.Episodes);
        json.WriteNumber("steps"u8, receipt.Steps);
        json.WriteNumber("bytes"u8, receipt.Bytes);
        json.WriteNumber("requested_at"u8, receipt.RequestedAt);
        json.WriteNumber("erased_at"u8, receipt.ErasedAt!.Value);
        json.WriteEndObject();
        json.Flush();
        return bytes.WrittenMemory;
    }
}
