using System.Buffers;
using Rollbook.StepLog;

namespace Rollbook.Archive;

/// <summary>A file as a stream that is written from its start to its end.</summary>
internal sealed class DiskWriteStream(IDiskFile file, string path) : Stream
{
    private const int BufferBytes = 256 << 10;
    private readonly byte[] _buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
    private int _buffered;
    private long _written;
    private bool _closed;

    /// <summary>
    /// The first error of the disk. A native writer between here and the caller may make another exception of it, so whoever owns the stream looks here.
    /// </summary>
    public Exception? Failure { get; private set; }

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => !_closed;

    public override long Length => Position;

    public override long Position
    {
        get => _written + _buffered;
        set => throw new NotSupportedException("An object is written from its start to its end.");
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        ObjectDisposedException.ThrowIf(_closed, this);
        if (buffer.Length > _buffer.Length - _buffered) Empty();
        if (buffer.Length > _buffer.Length)
        {
            ToDisk(buffer);
            return;
        }

        buffer.CopyTo(_buffer.AsSpan(_buffered));
        _buffered += buffer.Length;
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Write(buffer.Span);
        return ValueTask.CompletedTask;
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <summary>Nothing yet: the file is made durable at its end, once.</summary>
    public override void Flush()
    {
    }

    /// <summary>Makes all that was written durable.</summary>
    public void Complete()
    {
        Empty();
        Guard(file.Flush);
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    /// <summary>Gives the buffer back; the file stays the owner's. A writer may dispose the stream when it is done, so this loses nothing.</summary>
    public void Release()
    {
        if (_closed) return;
        _closed = true;
        ArrayPool<byte>.Shared.Return(_buffer);
    }

    private void Empty()
    {
        if (_buffered > 0) ToDisk(_buffer.AsSpan(0, _buffered));
        _buffered = 0;
    }

    private void ToDisk(ReadOnlySpan<byte> bytes)
    {
        if (Failure is { } failure) throw failure;
        try
        {
            file.Write(bytes, _written);
        }
        catch (Exception error)
        {
            throw Failure = Named(error, bytes.Length);
        }

        _written += bytes.Length;
    }

    private void Guard(Action call)
    {
        if (Failure is { } failure) throw failure;
        try
        {
            call();
        }
        catch (Exception error)
        {
            throw Failure = Named(error, 0);
        }
    }

    private Exception Named(Exception error, int bytes) => DiskFull.Is(error)
        ? new StorageFullException($"There is no room for {Position + bytes} bytes at '{path}': {error.Message} Free some space on the disk of the archive.", error)
        : error;
}
