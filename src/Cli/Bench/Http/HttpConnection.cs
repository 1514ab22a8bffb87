using System.Buffers.Text;
using System.Net;
using System.Net.Sockets;

namespace Rollbook.Cli;

/// <summary>
/// One keep-alive connection of HTTP/1.1, one request at a time. It shares the machine's cores with the recorder that it measures, so it
/// does what a load generator needs and nothing else: no allocation per request, no header but the two that count.
/// </summary>
internal sealed class HttpConnection : IDisposable
{
    private readonly Socket _socket;
    private readonly byte[] _received = new byte[16 * 1024];
    private int _start;
    private int _end;

    // Of the answer that is being read: bytes to come of it, or of its current chunk.
    private long _left;
    private bool _chunked;
    private bool _lastChunk;

    private HttpConnection(Socket socket, int requestBytes)
    {
        _socket = socket;
        Request = new byte[requestBytes];
    }

    /// <summary>The caller writes its request here.</summary>
    public byte[] Request { get; }

    /// <param name="address">Where to.</param>
    /// <param name="requestBytes">Size of the largest request.</param>
    /// <param name="cancellation">Cancels the wait.</param>
    /// <exception cref="CliException">Nobody listens there.</exception>
    public static async Task<HttpConnection> OpenAsync(EndPoint address, int requestBytes, CancellationToken cancellation)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(address, cancellation);
            return new HttpConnection(socket, requestBytes);
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw new CliException(ExitCode.Unreachable, "unreachable", $"No connection to {address}: {e.Message}. Check the address and that the recorder runs.");
        }
    }

    /// <summary>Sends the first bytes of <see cref="Request"/> and reads the answer's head.</summary>
    /// <returns>The status; the body comes from <see cref="ReadBodyAsync"/>, to its end.</returns>
    public async ValueTask<int> SendAsync(int length, CancellationToken cancellation)
    {
        for (var sent = 0; sent < length;)
            sent += await _socket.SendAsync(Request.AsMemory(sent, length - sent), cancellation);

        int head;
        while ((head = _received.AsSpan(_start.._end).IndexOf("\r\n\r\n"u8)) < 0)
            await FillAsync(cancellation);
        var status = ParseHead(_received.AsSpan(_start, head + 2));
        _start += head + 4;
        return status;
    }

    /// <summary>The next piece of the answer's body, good until the next call; empty at its end.</summary>
    public async ValueTask<ReadOnlyMemory<byte>> ReadBodyAsync(CancellationToken cancellation)
    {
        if (_left == 0 && _chunked && !_lastChunk)
            await NextChunkAsync(cancellation);
        if (_left == 0)
            return default;
        if (_start == _end)
            await FillAsync(cancellation);
        var piece = _received.AsMemory(_start, (int)Math.Min(_left, _end - _start));
        _start += piece.Length;
        _left -= piece.Length;
        return piece;
    }

    /// <summary>Copies the answer's body, to its end, and returns its length; what is more than fits is dropped.</summary>
    public async ValueTask<int> ReadBodyAsync(Memory<byte> into, CancellationToken cancellation)
    {
        var length = 0;
        while (true)
        {
            var piece = await ReadBodyAsync(cancellation);
            if (piece.IsEmpty)
                return length;
            var fits = Math.Min(piece.Length, into.Length - length);
            piece[..fits].CopyTo(into[length..]);
            length += fits;
        }
    }

    public void Dispose() => _socket.Dispose();

    private int ParseHead(ReadOnlySpan<byte> head)
    {
        // HTTP/1.1 200 OK
        if (!head.StartsWith("HTTP/1.1 "u8) || !Utf8Parser.TryParse(head[9..], out int status, out _))
            throw new CliException(ExitCode.Failed, "not_http", "The answer is not HTTP/1.1. Is this the address of a recorder's HTTP API?");
        _left = 0;
        _chunked = _lastChunk = false;
        for (var rest = head; !rest.IsEmpty;)
        {
            var end = rest.IndexOf("\r\n"u8);
            ReadHeader(rest[..end]);
            rest = rest[(end + 2)..];
        }

        return status;
    }

    private void ReadHeader(ReadOnlySpan<byte> header)
    {
        var colon = header.IndexOf((byte)':');
        if (colon < 0)
            return;
        var value = header[(colon + 1)..].Trim((byte)' ');
        if (System.Text.Ascii.EqualsIgnoreCase(header[..colon], "content-length"u8))
            Utf8Parser.TryParse(value, out _left, out _);
        else if (System.Text.Ascii.EqualsIgnoreCase(header[..colon], "transfer-encoding"u8))
            _chunked = System.Text.Ascii.EqualsIgnoreCase(value, "chunked"u8);
    }

    private async ValueTask NextChunkAsync(CancellationToken cancellation)
    {
        // The line feed behind the chunk before, then the next one's size in hexadecimal.
        while (true)
        {
            var line = _received.AsSpan(_start.._end).IndexOf("\r\n"u8);
            if (line < 0)
            {
                await FillAsync(cancellation);
                continue;
            }

            var size = _received.AsSpan(_start, line);
            _start += line + 2;
            if (size.IsEmpty)
            {
                if (_lastChunk)
                    return;
                continue;
            }

            if (!Utf8Parser.TryParse(size, out _left, out _, 'x'))
                throw new CliException(ExitCode.Failed, "not_http", "A chunk of the answer has no size.");
            if (_left > 0)
                return;
            _lastChunk = true;
        }
    }

    private async ValueTask FillAsync(CancellationToken cancellation)
    {
        if (_start == _end)
            _start = _end = 0;
        if (_end == _received.Length)
        {
            if (_start == 0)
                throw new CliException(ExitCode.Failed, "not_http", "The answer's head is longer than 16 KiB.");
            _received.AsSpan(_start.._end).CopyTo(_received);
            (_start, _end) = (0, _end - _start);
        }

        var read = await _socket.ReceiveAsync(_received.AsMemory(_end), cancellation);
        if (read == 0)
            throw new CliException(ExitCode.Failed, "unreachable", "The recorder closed a connection in the middle of the run; its log tells why.");
        _end += read;
    }
}
