using System.Text.Json;
using Rollbook.Archive;

namespace Rollbook.Silo.Http;

/// <summary>Writes what deletions answer.</summary>
internal static class DeletionWriter
{
    private const int MaxNamed = 100;

    /// <summary>A receipt.</summary>
    public static JsonReply Receipt(DeletionReceipt receipt) => new(writer =>
    {
        writer.WriteStartObject();
        Members(writer, receipt);
        writer.WriteEndObject();
    });

    /// <summary>A receipt, null where nothing is deleted, and the episodes that stay.</summary>
    public static JsonReply Answer(DeletionAnswer answer) => new(writer =>
    {
        writer.WriteStartObject();
        if (answer.Receipt is { } receipt) Members(writer, receipt);
        else Nothing(writer);
        writer.WriteNumber("refused_count"u8, answer.Refused.Count);
        writer.WriteStartArray("refused"u8);
        foreach (var (id, code) in answer.Refused.OrderBy(static r => r.Id).Take(MaxNamed))
        {
            writer.WriteStartObject();
            writer.WriteString("episode_id"u8, id.ToString());
            writer.WriteString("code"u8, ProblemKind.Of(code).Code);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    });

    /// <summary>What would be deleted.</summary>
    public static JsonReply DryRun(IReadOnlyList<DoomedEpisode> episodes, long bytes, int notFound) => new(writer =>
    {
        writer.WriteStartObject();
        writer.WriteBoolean("dry_run"u8, true);
        writer.WriteNumber("episodes"u8, episodes.Count);
        writer.WriteNumber("steps"u8, episodes.Sum(static e => e.Steps));
        writer.WriteNumber("bytes"u8, bytes);
        writer.WriteNumber("running"u8, episodes.Count(static e => e.Running));
        writer.WriteNumber("pinned"u8, episodes.Count(static e => e.Pinned));
        writer.WriteNumber("not_found"u8, notFound);
        writer.WriteEndObject();
    });

    private static void Members(Utf8JsonWriter writer, DeletionReceipt receipt)
    {
        writer.WriteString("receipt_id"u8, receipt.Receipt.ToString());
        writer.WriteString("state"u8, receipt.ErasedAt is null ? "pending" : "final");
        writer.WriteNumber("episodes"u8, receipt.Episodes);
        writer.WriteNumber("steps"u8, receipt.Steps);
        writer.WriteNumber("bytes"u8, receipt.Bytes);
        writer.WriteNumber("requested_at"u8, receipt.RequestedAt / 1000.0);
        RecordWriter.WriteNumber(writer, "erased_at"u8, receipt.ErasedAt / 1000.0);
    }

    private static void Nothing(Utf8JsonWriter writer)
    {
        writer.WriteNull("receipt_id"u8);
        writer.WriteNull("state"u8);
        writer.WriteNumber("episodes"u8, 0);
        writer.WriteNumber("steps"u8, 0);
        writer.WriteNumber("bytes"u8, 0);
    }
}
