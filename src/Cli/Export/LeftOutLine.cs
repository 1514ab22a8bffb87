using System.Text.Json;
using Rollbook.Export;

namespace Rollbook.Cli;

/// <summary>The last line of several exported episodes, where some could not be read: it is told, and is no part of the file.</summary>
internal static class LeftOutLine
{
    // No line of an episode begins so.
    private static readonly byte[] Begin = [.. "{\"left_out\":"u8];

    /// <summary>Takes the line off the end of what was written.</summary>
    /// <param name="stream">Stands at its end, and is left there.</param>
    /// <param name="from">Where the lines begin.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>What it tells; nothing where there is no such line.</returns>
    public static async Task<IReadOnlyList<LeftOut>> TakeAsync(Stream stream, long from, CancellationToken cancellationToken)
    {
        var start = await LastLineAsync(stream, from, cancellationToken);
        stream.Position = start;
        var head = new byte[Begin.Length];
        if (await stream.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, cancellationToken) < head.Length || !head.AsSpan().SequenceEqual(Begin))
        {
            stream.Position = stream.Length;
            return [];
        }

        var line = new byte[stream.Length - start];
        stream.Position = start;
        await stream.ReadExactlyAsync(line, cancellationToken);
        stream.SetLength(start);
        stream.Position = start;
        try
        {
            return LeftOut.Read(line);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new CliException(ExitCode.Failed, "bad_reply", $"What the recorder left out of the export can't be read: {e.Message}");
        }
    }

    private static async Task<long> LastLineAsync(Stream stream, long from, CancellationToken cancellationToken)
    {
        var block = new byte[64 * 1024];
        // The line's own end is no beginning of another.
        for (var end = stream.Length - 1; end > from;)
        {
            var length = (int)Math.Min(block.Length, end - from);
            stream.Position = end - length;
            await stream.ReadExactlyAsync(block.AsMemory(0, length), cancellationToken);
            var found = block.AsSpan(0, length).LastIndexOf((byte)'\n');
            if (found >= 0)
                return end - length + found + 1;
            end -= length;
        }

        return from;
    }
}
