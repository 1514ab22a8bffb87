using System.Buffers;

namespace Rollbook.Cli;

/// <summary>The canonical form: a line with the record, then a line per step as the recorder serves it.</summary>
internal sealed class JsonLinesFormat : IEpisodeFormat
{
    public void Begin(IBufferWriter<byte> output, RawObject record)
    {
        record.WriteAllBut(output, "steps");
        output.Write("}\n"u8);
    }

    public void Step(IBufferWriter<byte> output, ReadOnlyMemory<byte> line, bool first)
    {
        output.Write(line.Span);
        output.Write("\n"u8);
    }

    public void End(IBufferWriter<byte> output, RawObject record)
    {
    }
}
