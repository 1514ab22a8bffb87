using System.Buffers;
using System.Runtime.CompilerServices;

namespace Rollbook.Cli;

/// <summary>The beginnings of a stream's whole lines: a line of any length costs no more memory than what is kept of it.</summary>
internal static class LineHeads
{
    /// <summary>Reads the lines that have an end; what stands behind the last end is no line.</summary>
    /// <param name="stream">From its position on.</param>
    /// <param name="keep">The most bytes of a line that are kept.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The kept bytes, the caller's until the next line is asked for, and the offset behind the line's end.</returns>
    public static async IAsyncEnumerable<(ReadOnlyMemory<byte> Head, long End)> ReadAsync(
        Stream stream, int keep, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var buffer = new byte[64 * 1024];
        var head = new ArrayBufferWriter<byte>();
        long offset = 0;
        int read;
        while ((read = await stream.ReadAsync(buffer, cancellationToken)) > 0)
        {
            for (var start = 0; start < read;)
            {
                var found = buffer.AsSpan(start, read - start).IndexOf((byte)'\n');
                var length = found < 0 ? read - start : found;
                head.Write(buffer.AsSpan(start, Math.Min(length, keep - head.WrittenCount)));
                start += length;
                if (found < 0)
                    continue;

                start++;
                yield return (head.WrittenMemory, offset + start);
                head.ResetWrittenCount();
            }

            offset += read;
        }
    }
}
