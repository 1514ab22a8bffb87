using System.Security.Cryptography;
using Rollbook.Archive;
using Rollbook.StepLog;
using Rollbook.Testing;
using Xunit;

namespace Rollbook.Grains.Tests.Archive;

public sealed class MemoryBlobStoreTests() : BlobStoreTests(new MemoryArchiveSubject());

public sealed class LocalBlobStoreTests() : BlobStoreTests(LocalArchive.Subject());

/// <summary>Large values over each store.</summary>
public abstract class BlobStoreTests(IStoreSubject<IArchiveStore> subject) : IDisposable
{
    private const string Project = "default";
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task Put_TheSameManyTimes_KeepsItOnce()
    {
        var value = Value(300_000, 1);
        var blobs = new BlobStore(subject.Store);

        var puts = new List<(long, bool)>();
        for (var i = 0; i < 3; i++) puts.Add(await blobs.PutAsync(Project, Hash(value), new MemoryStream(value), None));
        // One that knows nothing of it yet.
        puts.Add(await new BlobStore(subject.Store).PutAsync(Project, Hash(value), new MemoryStream(value), None));

        Assert.Equal([(300_000, true), (300_000, false), (300_000, false), (300_000, false)], puts);
        var entry = Assert.Single(await EntriesAsync());
        Assert.Equal(($"projects/default/blobs/{Hash(value)[..2]}/{Hash(value)}", 300_000), (entry.Name, entry.Length));
        Assert.Equal(value, await ReadAsync(blobs, Hash(value)));
    }

    [Fact]
    public async Task Put_OfTheSameByManyAtOnce_KeepsItOnceAndTellsOneThatItIsNew()
    {
        var value = Value(200_000, 2);
        var blobs = new BlobStore(subject.Store);

        var puts = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () => await blobs.PutAsync(Project, Hash(value), new MemoryStream(value), None))));

        Assert.All(puts, put => Assert.Equal(200_000, put.Bytes));
        Assert.Single(puts, put => put.IsNew);
        Assert.Single(await EntriesAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Put_OfBytesWithAnotherHash_KeepsNothingOfThemAndNamesTheirOwn(bool isThere)
    {
        var (value, other) = (Value(100_000, 3), Value(100_000, 4));
        var blobs = new BlobStore(subject.Store);
        if (isThere) await blobs.PutAsync(Project, Hash(value), new MemoryStream(value), None);

        var refusal = await Assert.ThrowsAsync<BlobHashException>(async () => await blobs.PutAsync(Project, Hash(value), new MemoryStream(other), None));

        Assert.Equal(Hash(other), refusal.Computed);
        Assert.Equal(isThere, await blobs.ExistsAsync(Project, Hash(value), None));
        Assert.False(await blobs.ExistsAsync(Project, Hash(other), None));
        Assert.Equal(isThere ? 1 : 0, (await EntriesAsync()).Count);
        // The name is free still, or has its own bytes.
        await blobs.PutAsync(Project, Hash(value), new MemoryStream(value), None);
        Assert.Equal(value, await ReadAsync(blobs, Hash(value)));
    }

    [Fact]
    public async Task Put_OfTheMostAndOfOneByteMore_TakesTheFirstAlone()
    {
        var value = Value(BlobStore.MaxBytes + 1, 5);
        var most = value.AsMemory(0, BlobStore.MaxBytes);
        var blobs = new BlobStore(subject.Store);

        await Assert.ThrowsAsync<TooLargeException>(async () => await blobs.PutAsync(Project, Hash(value), new MemoryStream(value), None));
        Assert.Empty(await EntriesAsync());
        var (bytes, isNew) = await blobs.PutAsync(Project, Hash(most.Span), new MemoryStream(value, 0, BlobStore.MaxBytes), None);

        Assert.Equal((BlobStore.MaxBytes, true), (bytes, isNew));
        Assert.Equal(BlobStore.MaxBytes, Assert.Single(await EntriesAsync()).Length);
    }

    [Fact]
    public async Task Put_OfWhatBreaksOff_KeepsNothing()
    {
        var value = Value(500_000, 6);
        var blobs = new BlobStore(subject.Store);

        await Assert.ThrowsAsync<IOException>(async () => await blobs.PutAsync(Project, Hash(value), new BrokenStream(value, 250_000), None));

        Assert.False(await blobs.ExistsAsync(Project, Hash(value), None));
        Assert.Empty(await EntriesAsync());
    }

    [Fact]
    public async Task Put_OfNoBytes_KeepsTheEmptyValue()
    {
        var blobs = new BlobStore(subject.Store);
        await blobs.PutAsync(Project, Hash([]), new MemoryStream([]), None);
        Assert.Empty(await ReadAsync(blobs, Hash([])));
    }

    [Fact]
    public async Task Exists_InAnotherProject_IsNot()
    {
        var value = Value(10, 7);
        var blobs = new BlobStore(subject.Store);
        await blobs.PutAsync(Project, Hash(value), new MemoryStream(value), None);

        Assert.False(await blobs.ExistsAsync("other", Hash(value), None));
        Assert.Null(await blobs.OpenAsync("other", Hash(value), None));
    }

    [Fact]
    public async Task Exists_AfterAReopening_IsStill()
    {
        var value = Value(70_000, 8);
        await new BlobStore(subject.Store).PutAsync(Project, Hash(value), new MemoryStream(value), None);

        subject.Reopen();

        var blobs = new BlobStore(subject.Store);
        Assert.True(await blobs.ExistsAsync(Project, Hash(value), None));
        Assert.Equal(value, await ReadAsync(blobs, Hash(value)));
    }

    public void Dispose()
    {
        subject.Dispose();
        GC.SuppressFinalize(this);
    }

    private static byte[] Value(int length, int seed)
    {
        var value = new byte[length];
        new Random(seed).NextBytes(value);
        return value;
    }

    private static string Hash(ReadOnlySpan<byte> value) => Convert.ToHexStringLower(SHA256.HashData(value));

    private static async Task<byte[]> ReadAsync(BlobStore blobs, string hash)
    {
        await using var found = await blobs.OpenAsync(Project, hash, None);
        Assert.NotNull(found);
        using var bytes = new MemoryStream();
        await found.Content.CopyToAsync(bytes);
        return bytes.ToArray();
    }

    private async Task<List<ArchiveEntry>> EntriesAsync()
    {
        var entries = new List<ArchiveEntry>();
        await foreach (var entry in subject.Store.ListAsync("", None)) entries.Add(entry);
        return entries;
    }

    /// <summary>Ends with an error after so many bytes, as a caller who goes away.</summary>
    private sealed class BrokenStream(byte[] value, int after) : MemoryStream(value)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => Position >= after
            ? throw new IOException("test")
            : base.ReadAsync(buffer, cancellationToken);
    }
}
