using System.Globalization;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;

namespace Rollbook.Azure;

/// <summary>
/// A large blob that is read by parts, a few of which are kept: a Parquet file is read from its end to its middle, column by column. All parts are of one version.
/// </summary>
internal sealed class BlobReadStream : Stream
{
    /// <summary>Bytes of one part. A smaller object is read whole.</summary>
    public const int PartBytes = 2 << 20;

    private const int Kept = 4;

    private readonly BlobClient _blob;
    private readonly string _name;
    private readonly BlobHead _head;
    private readonly LinkedList<(long Number, byte[] Bytes)> _parts = new();

    /// <summary>Opens a blob of which the first part was read.</summary>
    public BlobReadStream(BlobClient blob, string name, BlobHead head)
    {
        (_blob, _name, _head) = (blob, name, head);
        _parts.AddFirst((0, head.Bytes));
    }

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => _head.Length;

    public override long Position { get; set; }

    /// <summary>Reads a blob's first part.</summary>
    /// <exception cref="RequestFailedException">There is no such blob, among others.</exception>
    public static async Task<BlobHead> HeadAsync(BlobClient blob, CancellationToken cancellation)
    {
        try
        {
            using var answer = (await blob.DownloadStreamingAsync(new BlobDownloadOptions { Range = new HttpRange(0, PartBytes) }, cancellation)).Value;
            var bytes = new byte[answer.Details.ContentLength];
            await answer.Content.ReadExactlyAsync(bytes, cancellation);
            return new BlobHead(bytes, Whole(answer.Details.ContentRange) ?? bytes.Length, answer.Details.ETag);
        }
        catch (RequestFailedException e) when (BlobErrors.IsBehindTheEnd(e))
        {
            // Nothing begins in an empty blob.
            var empty = (await blob.GetPropertiesAsync(cancellationToken: cancellation)).Value;
            return empty.ContentLength == 0 ? new BlobHead([], 0, empty.ETag) : throw new IOException($"The blob {blob.Name} was replaced while it was opened.", e);
        }
    }

    public override int Read(Span<byte> buffer)
    {
        if (Position >= Length) return 0;
        var number = Position / PartBytes;
        var part = Find(number) ?? Keep(number, Fetch(number));
        return Take(part, buffer);
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (Position >= Length) return 0;
        var number = Position / PartBytes;
        var part = Find(number) ?? Keep(number, await FetchAsync(number, cancellationToken));
        return Take(part, buffer.Span);
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override long Seek(long offset, SeekOrigin origin) => Position = offset + origin switch
    {
        SeekOrigin.Begin => 0,
        SeekOrigin.Current => Position,
        _ => Length,
    };

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    // bytes 0-99/12345
    private static long? Whole(string? range) =>
        range is not null && long.TryParse(range.AsSpan(range.IndexOf('/') + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var whole) ? whole : null;

    private int Take(byte[] part, Span<byte> buffer)
    {
        var from = (int)(Position % PartBytes);
        var count = Math.Min(buffer.Length, part.Length - from);
        part.AsSpan(from, count).CopyTo(buffer);
        Position += count;
        return count;
    }

    private byte[]? Find(long number)
    {
        for (var node = _parts.First; node is not null; node = node.Next)
        {
            if (node.Value.Number != number) continue;
            _parts.Remove(node);
            _parts.AddFirst(node);
            return node.Value.Bytes;
        }

        return null;
    }

    private byte[] Keep(long number, byte[] bytes)
    {
        _parts.AddFirst((number, bytes));
        if (_parts.Count > Kept) _parts.RemoveLast();
        return bytes;
    }

    private byte[] Fetch(long number)
    {
        try
        {
            using var answer = _blob.DownloadStreaming(Part(number)).Value;
            var bytes = new byte[Bytes(number)];
            answer.Content.ReadExactly(bytes);
            return bytes;
        }
        catch (RequestFailedException e) when (IsGone(e))
        {
            throw Gone(e);
        }
    }

    private async Task<byte[]> FetchAsync(long number, CancellationToken cancellation)
    {
        try
        {
            using var answer = (await _blob.DownloadStreamingAsync(Part(number), cancellation)).Value;
            var bytes = new byte[Bytes(number)];
            await answer.Content.ReadExactlyAsync(bytes, cancellation);
            return bytes;
        }
        catch (RequestFailedException e) when (IsGone(e))
        {
            throw Gone(e);
        }
    }

    private BlobDownloadOptions Part(long number) =>
        new() { Range = new HttpRange(number * PartBytes, Bytes(number)), Conditions = new BlobRequestConditions { IfMatch = _head.ETag } };

    private long Bytes(long number) => Math.Min(PartBytes, Length - (number * PartBytes));

    private static bool IsGone(RequestFailedException error) => BlobErrors.IsMissing(error) || error.Status == 412;

    private FileNotFoundException Gone(Exception cause) => new($"The archive's '{_name}' was deleted while it was read.", _name, cause);
}
