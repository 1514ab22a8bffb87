namespace Rollbook.Archive;

/// <summary>
/// What a file is read from. It remembers its own failure, of which the native reader makes an error of its own: a disk that can't be read is not a damaged file.
/// </summary>
internal sealed class SourceStream(Stream inner) : Stream
{
    /// <summary>The first error of the source.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Bytes that were read so far.</summary>
    public long BytesRead { get; private set; }

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => inner.Length;

    public override long Position
    {
        get => inner.Position;
        set => inner.Position = value;
    }

    public override int Read(Span<byte> buffer)
    {
        try
        {
            // The native reader takes fewer bytes than it asked for as the end of the file.
            var read = inner.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
            BytesRead += read;
            return read;
        }
        catch (Exception error)
        {
            Failure ??= error;
            throw;
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override long Seek(long offset, SeekOrigin origin) => inner.Seek(offset, origin);

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
