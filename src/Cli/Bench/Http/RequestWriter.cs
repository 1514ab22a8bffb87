using System.Buffers.Text;
using System.Text;

namespace Rollbook.Cli;

/// <summary>Writes the requests of a benchmark into a buffer of the caller's. The bodies are made in place, out of the pool.</summary>
internal sealed class RequestWriter(Uri address, string? apiKey, StepPool pool)
{
    /// <summary>More than any head takes.</summary>
    public const int HeadBytes = 1024;

    private const int LengthDigits = 9;

    private readonly byte[] _common = Encoding.ASCII.GetBytes(
        $" HTTP/1.1\r\nHost: {address.Authority}\r\n{(apiKey is null ? "" : $"Authorization: Bearer {apiKey}\r\n")}");

    private readonly byte[] _get = Encoding.ASCII.GetBytes(
        $"GET {address.AbsolutePath}health/live HTTP/1.1\r\nHost: {address.Authority}\r\n\r\n");

    private readonly byte[] _append = Encoding.ASCII.GetBytes($"POST {address.AbsolutePath}v1/episodes/");
    private readonly byte[] _across = Encoding.ASCII.GetBytes($"POST {address.AbsolutePath}v1/steps");

    /// <summary>What the server answers without the recorder.</summary>
    public int Health(Span<byte> into)
    {
        _get.CopyTo(into);
        return _get.Length;
    }

    /// <summary>The pending steps of one episode.</summary>
    public int Append(LoadEpisode episode, Span<byte> into)
    {
        var ndjson = episode.Pending > 1;
        var from = episode.Next;
        var at = Put(into, 0, _append);
        at = Put(into, at, episode.Id);
        at = Put(into, at, "/steps?from="u8);
        at = Put(into, at, from);
        at = Put(into, at, "&writer_epoch="u8);
        at = Put(into, at, episode.WriterEpoch);
        at = PutHead(into, at, ndjson ? "application/x-ndjson"u8 : "application/json"u8, out var length);
        var body = at;
        for (var i = 0; i < episode.Pending; i++)
        {
            at += pool.Write(episode.Number, from + i, into[at..]);
            if (ndjson)
                into[at++] = (byte)'\n';
        }

        PutLength(into[length..], at - body);
        return at;
    }

    /// <summary>The pending steps of many episodes.</summary>
    public int Across(IReadOnlyList<LoadEpisode> episodes, Span<byte> into)
    {
        var at = Put(into, 0, _across);
        at = PutHead(into, at, "application/x-ndjson"u8, out var length);
        var body = at;
        foreach (var episode in episodes)
        {
            for (var i = 0; i < episode.Pending; i++)
                at = PutLine(episode, episode.Next + i, into, at);
        }

        PutLength(into[length..], at - body);
        return at;
    }

    /// <summary>Size of the largest request.</summary>
    /// <param name="episodes">Episodes in it.</param>
    /// <param name="batch">Steps of each.</param>
    public static int MaxBytes(int episodes, int batch) => HeadBytes + (episodes * (StepPool.Length(StepPool.DiffEvery - 1, batch) + (batch * 160)));

    private int PutLine(LoadEpisode episode, long ordinal, Span<byte> into, int at)
    {
        at = Put(into, at, "{\"episode_id\":\""u8);
        at = Put(into, at, episode.Id);
        at = Put(into, at, "\",\"ordinal\":"u8);
        at = Put(into, at, ordinal);
        at = Put(into, at, ",\"writer_epoch\":"u8);
        at = Put(into, at, episode.WriterEpoch);
        at = Put(into, at, ",\"step\":"u8);
        at += pool.Write(episode.Number, ordinal, into[at..]);
        return Put(into, at, "}\n"u8);
    }

    // The body's length is known when it has been written: its place is kept with spaces in front, which HTTP allows.
    private int PutHead(Span<byte> into, int at, ReadOnlySpan<byte> type, out int length)
    {
        at = Put(into, at, _common);
        at = Put(into, at, "Content-Type: "u8);
        at = Put(into, at, type);
        at = Put(into, at, "\r\nContent-Length: "u8);
        length = at;
        into.Slice(at, LengthDigits).Fill((byte)' ');
        return Put(into, at + LengthDigits, "\r\n\r\n"u8);
    }

    private static void PutLength(Span<byte> into, int length)
    {
        Span<byte> digits = stackalloc byte[LengthDigits + 1];
        Utf8Formatter.TryFormat(length, digits, out var count);
        digits[..count].CopyTo(into[(LengthDigits - count)..]);
    }

    private static int Put(Span<byte> into, int at, ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(into[at..]);
        return at + bytes.Length;
    }

    private static int Put(Span<byte> into, int at, string ascii) => at + Encoding.ASCII.GetBytes(ascii, into[at..]);

    private static int Put(Span<byte> into, int at, long number)
    {
        Utf8Formatter.TryFormat(number, into[at..], out var count);
        return at + count;
    }
}
