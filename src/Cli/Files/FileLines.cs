using System.Runtime.CompilerServices;

namespace Rollbook.Cli;

/// <summary>Reads a stream line by line: a file of any length, a line in memory.</summary>
internal static class FileLines
{
    public static async IAsyncEnumerable<FileLine> ReadAsync(Stream stream, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var buffer = new byte[64 * 1024];
        int start = 0, scanned = 0, end = 0;
        long number = 0, offset = 0;
        while (true)
        {
            var found = buffer.AsSpan(scanned, end - scanned).IndexOf((byte)'\n');
            if (found >= 0)
            {
                var length = scanned + found - start;
                yield return new FileLine(++number, offset, buffer.AsSpan(start, length).ToArray(), Ended: true);
                offset += length + 1;
                start = scanned = start + length + 1;
                continue;
            }

            scanned = end;
            if (end == buffer.Length)
            {
                // To the front, or into twice the room where a single line fills it.
                var target = start > 0 ? buffer : new byte[checked(buffer.Length * 2)];
                buffer.AsSpan(start, end - start).CopyTo(target);
                buffer = target;
                (start, scanned, end) = (0, scanned - start, end - start);
            }

            var read = await stream.ReadAsync(buffer.AsMemory(end), cancellationToken);
            if (read == 0)
            {
                if (end > start)
                    yield return new FileLine(++number, offset, buffer.AsSpan(start, end - start).ToArray(), Ended: false);
                yield break;
            }

            end += read;
        }
    }
}
