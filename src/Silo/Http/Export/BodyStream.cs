using System.Buffers;
using System.IO.Pipelines;

namespace Rollbook.Silo.Http;

/// <summary>Takes what a writer that knows no waiting writes, until it is sent.</summary>
internal sealed class BodyStream(PipeWriter output) : Stream
{
    private long length;
    private long sent;
    private bool broken;

    /// <inheritdoc/>
    public override bool CanRead => false;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override long Length => length;

    /// <inheritdoc/>
    public override long Position
    {
        get => length;
        set => throw new NotSupportedException();
    }

    /// <summary>Sends what was written.</summary>
    public async ValueTask SendAsync(CancellationToken cancellation)
    {
        if (sent == length) return;
        sent = length;
        await output.FlushAsync(cancellation);
        cancellation.ThrowIfCancellationRequested();
    }

    /// <summary>Drops whatever is written from now on.</summary>
    public void Break() => broken = true;

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (!broken) output.Write(buffer);
        length += buffer.Length;
    }

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override void Flush()
    {
        // Only the reader's pace says when: see SendAsync.
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();
}
