using System.Buffers;

namespace Rollbook.Export;

/// <summary>A line with the record, then a line a step. <c>step_count</c> of the record tells how many follow, so that episodes may stand one behind another.</summary>
internal sealed class JsonlWriter(IBufferWriter<byte> output) : EpisodeWriter(output)
{
    private readonly IBufferWriter<byte> lines = output;
    private EpisodeRecord record = null!;
    private StepSummary summary = StepSummary.Empty;

    /// <inheritdoc/>
    public override void Begin(EpisodeRecord record, StepSummary summary)
    {
        this.record = record;
        this.summary = summary;
        Json.WriteStartObject();
        RecordWriter.WriteHead(Json, record);
        Json.WriteStartArray("scores"u8);
    }

    /// <inheritdoc/>
    public override void Score(ScoreEvent score) => RecordWriter.WriteScore(Json, score);

    /// <inheritdoc/>
    public override void BeginSteps(int pass)
    {
        Json.WriteEndArray();
        RecordWriter.WriteExportFoot(Json, record, summary);
        Json.WriteEndObject();
        EndLine();
    }

    /// <inheritdoc/>
    public override void Step(StepEntry entry, long ordinal, int pass)
    {
        // What the JSON writer holds is given away at the end of each line, so that both may write.
        if (ExactLine.TryWrite(lines, entry, ordinal)) return;
        StepLineWriter.WriteExact(Json, entry, ordinal);
        EndLine();
    }

    /// <inheritdoc/>
    public override void End()
    {
    }
}
