using System.Buffers;

namespace Rollbook.Export;

/// <summary>The trajectory of a single-process recorder on one line: its keys in its order, and nothing else.</summary>
internal sealed class ReferenceWriter(IBufferWriter<byte> output) : EpisodeWriter(output)
{
    private EpisodeRecord record = null!;

    /// <inheritdoc/>
    public override void Begin(EpisodeRecord record, StepSummary summary)
    {
        this.record = record;
        Json.WriteStartObject();
        RecordWriter.WriteReferenceHead(Json, record);
        Json.WriteStartArray("steps"u8);
    }

    /// <inheritdoc/>
    public override void Step(StepEntry entry, long ordinal, int pass) => StepLineWriter.WriteReference(Json, entry, ordinal);

    /// <inheritdoc/>
    public override void End()
    {
        Json.WriteEndArray();
        RecordWriter.WriteReferenceFoot(Json, record);
        Json.WriteEndObject();
        EndLine();
    }
}
