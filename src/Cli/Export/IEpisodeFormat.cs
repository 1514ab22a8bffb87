using System.Buffers;

namespace Rollbook.Cli;

/// <summary>One way to write an episode down. The three calls come in order, the second once per step.</summary>
internal interface IEpisodeFormat
{
    void Begin(IBufferWriter<byte> output, RawObject record);

    void Step(IBufferWriter<byte> output, ReadOnlyMemory<byte> line, bool first);

    void End(IBufferWriter<byte> output, RawObject record);
}
