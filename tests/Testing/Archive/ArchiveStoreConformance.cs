using System.Globalization;
using System.Text;
using Rollbook.Archive;
using Xunit;

namespace Rollbook.Testing;

/// <summary>What every <see cref="IArchiveStore"/> must do. A provider's suite derives from this and gives its subject.</summary>
/// <param name="subject">The store, owned by the suite from here on.</param>
public abstract class ArchiveStoreConformance(IStoreSubject<IArchiveStore> subject) : IDisposable
{
    private const string Name = "projects/default/packs/log/000000000000-000000000007.steps.parquet";
    private const string Other = "projects/default/packs/log/000000000007-000000000009.steps.parquet";
    private const string Manifest = "projects/default/manifest.json";
    private readonly CancellationToken _token = CancellationToken.None;

    private IArchiveStore Store => subject.Store;

    [Fact]
    public async Task OpenAsync_WhenNeverPut_IsNull()
    {
        Assert.Null(await Store.OpenAsync(Name, _token));
        Assert.Null(await Store.OpenAsync("projects", _token));
        Assert.True(await PutAsync(Name, "a"));
        // A folder is no object.
        Assert.Null(await Store.OpenAsync("projects/default/packs", _token));
    }

    [Fact]
    public async Task PutAsync_WhenNew_IsThereWhole()
    {
        var bytes = Bytes(3_000_017);
        Assert.True(await Store.PutAsync(
            Name,
            async (stream, token) =>
            {
                // Pieces of all sizes, by every way a writer may take, and the position between them.
                var at = 0;
                for (var size = 1; at < bytes.Length; size = (size * 3) + 1)
                {
                    var piece = bytes.AsMemory(at, Math.Min(size, bytes.Length - at));
                    if (size % 2 == 0) await stream.WriteAsync(piece, token);
                    else stream.Write(piece.Span);
                    at += piece.Length;
                    Assert.Equal(at, stream.Position);
                }

                stream.Flush();
                await stream.FlushAsync(token);
            },
            _token));

        await using var found = await Store.OpenAsync(Name, _token);
        Assert.NotNull(found);
        Assert.Equal(bytes.Length, found.Length);
        Assert.Equal(bytes.Length, found.Content.Length);
        Assert.False(string.IsNullOrEmpty(found.ETag));
        Assert.Equal(bytes, await ReadAsync(found));
    }

    [Fact]
    public async Task PutAsync_WhenEmpty_IsAnEmptyObject()
    {
        Assert.True(await PutAsync(Name, ""));
        Assert.Equal("", await TextAsync(Name));
        Assert.False(await PutAsync(Name, "late"));
    }

    [Fact]
    public async Task PutAsync_WhenPresent_AnswersFalseAndKeepsTheFirst()
    {
        Assert.True(await PutAsync(Name, "first"));
        Assert.False(await PutAsync(Name, "second, and longer"));
        Assert.False(await PutAsync(Name, "first"));
        Assert.Equal("first", await TextAsync(Name));
    }

    [Fact]
    public async Task PutAsync_WhenManyAtOnce_OneWinsWithItsOwnBytes()
    {
        for (var round = 0; round < 8; round++)
        {
            var name = $"projects/p/packs/{round}";
            var answers = await AtOnceAsync(24, async i => (i, Won: await PutAsync(name, $"writer {i}")));

            var winner = Assert.Single(answers, answer => answer.Won);
            Assert.Equal($"writer {winner.i}", await TextAsync(name));
        }
    }

    [Fact]
    public async Task PutAsync_WhenTheWriterFails_LeavesNothingAndTheNameFree()
    {
        await Assert.ThrowsAsync<InvalidDataException>(async () => await Store.PutAsync(
            Name,
            async (stream, token) =>
            {
                await stream.WriteAsync(Bytes(700_000), token);
                throw new InvalidDataException("the writer's own");
            },
            _token));

        Assert.Null(await Store.OpenAsync(Name, _token));
        Assert.Empty(await ListAsync(""));
        Assert.True(await PutAsync(Name, "next"));
        Assert.Equal("next", await TextAsync(Name));
    }

    [Fact]
    public async Task PutAsync_WhenCancelled_LeavesNothing()
    {
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await Store.PutAsync(Name, (_, _) => Task.CompletedTask, new CancellationToken(canceled: true)));
        using var cancel = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await Store.PutAsync(
            Name,
            async (stream, _) =>
            {
                await stream.WriteAsync(Bytes(10), _token);
                await cancel.CancelAsync();
            },
            cancel.Token));

        Assert.Empty(await ListAsync(""));
    }

    [Fact]
    public async Task ReplaceAsync_WhenNew_InsertsOnlyOnce()
    {
        var etag = await ReplaceAsync("one", null);
        Assert.False(string.IsNullOrEmpty(etag));
        Assert.Null(await ReplaceAsync("two", null));
        Assert.Equal(("one", etag), await TextAndETagAsync(Manifest));
    }

    [Fact]
    public async Task ReplaceAsync_WithTheCurrentETag_Replaces()
    {
        var first = await ReplaceAsync("version 1, the longer one", null);
        var second = await ReplaceAsync("version 2", first);
        Assert.NotNull(second);
        Assert.NotEqual(first, second);
        Assert.Equal(("version 2", second), await TextAndETagAsync(Manifest));
        Assert.NotNull(await ReplaceAsync("version 3", (await TextAndETagAsync(Manifest)).ETag));
    }

    [Fact]
    public async Task ReplaceAsync_WithAStaleETag_LosesAndKeepsTheNewer()
    {
        var first = await ReplaceAsync("1", null);
        await ReplaceAsync("2", first);
        Assert.Null(await ReplaceAsync("late", first));
        Assert.Null(await ReplaceAsync("later", null));
        Assert.Equal("2", await TextAsync(Manifest));
    }

    [Fact]
    public async Task ReplaceAsync_WithAnETagButAbsent_LosesAndStoresNothing()
    {
        var first = await ReplaceAsync("1", null);
        Assert.True(await Store.DeleteAsync(Manifest, _token));
        Assert.Null(await ReplaceAsync("2", first));
        Assert.Null(await ReplaceAsync("2", "none"));
        Assert.Null(await Store.OpenAsync(Manifest, _token));
    }

    [Fact]
    public async Task ReplaceAsync_OfWhatWasPut_TakesItsETag()
    {
        Assert.True(await PutAsync(Manifest, "put"));
        Assert.Null(await ReplaceAsync("insert", null));
        Assert.NotNull(await ReplaceAsync("replaced", (await TextAndETagAsync(Manifest)).ETag));
        Assert.Equal("replaced", await TextAsync(Manifest));
    }

    [Fact]
    public async Task ReplaceAsync_WhenManyInsertAtOnce_OneWins()
    {
        var answers = await AtOnceAsync(32, async i => (i, ETag: await ReplaceAsync($"writer {i}", null)));

        var winner = Assert.Single(answers, answer => answer.ETag is not null);
        Assert.Equal(($"writer {winner.i}", winner.ETag), await TextAndETagAsync(Manifest));
    }

    [Fact]
    public async Task ReplaceAsync_WhenManyReplaceAtOnce_OneWins()
    {
        var first = await ReplaceAsync("first", null);
        var answers = await AtOnceAsync(32, async i => (i, ETag: await ReplaceAsync($"writer {i}", first)));

        var winner = Assert.Single(answers, answer => answer.ETag is not null);
        Assert.Equal(($"writer {winner.i}", winner.ETag), await TextAndETagAsync(Manifest));
    }

    [Fact]
    public async Task ReplaceAsync_WhenManyCountInTurns_NoCountIsLost()
    {
        await ReplaceAsync("0", null);
        await AtOnceAsync(8, async _ =>
        {
            for (var won = 0; won < 10;)
            {
                var (text, etag) = await TextAndETagAsync(Manifest);
                if (await ReplaceAsync((int.Parse(text, CultureInfo.InvariantCulture) + 1).ToString(CultureInfo.InvariantCulture), etag) is not null) won++;
            }

            return 0;
        });

        Assert.Equal("80", await TextAsync(Manifest));
    }

    [Fact]
    public async Task ReplaceAsync_WhenTheCallersBytesChangeLater_KeepsWhatTheyWere()
    {
        var bytes = new byte[] { 1, 2, 3 };
        await Store.ReplaceAsync(Manifest, bytes, null, _token);
        bytes[0] = 9;
        await using var found = await Store.OpenAsync(Manifest, _token);
        Assert.Equal(new byte[] { 1, 2, 3 }, await ReadAsync(found!));
    }

    [Fact]
    public async Task OpenAsync_WhenSought_ReadsAnyPart()
    {
        var bytes = Bytes(100_000);
        await Store.PutAsync(Name, async (stream, token) => await stream.WriteAsync(bytes, token), _token);
        await using var found = await Store.OpenAsync(Name, _token);
        var part = new byte[1000];
        foreach (var at in new[] { 99_000, 0, 50_001 })
        {
            found!.Content.Seek(at, SeekOrigin.Begin);
            await found.Content.ReadExactlyAsync(part, _token);
            Assert.True(bytes.AsSpan(at, 1000).SequenceEqual(part), $"other bytes at {at}");
            Assert.Equal(at + 1000, found.Content.Position);
        }

        found!.Content.Seek(-4, SeekOrigin.End);
        Assert.Equal(4, found.Content.Read(part, 0, 1000));
        Assert.Equal(0, found.Content.Read(part, 0, 1000));
    }

    [Fact]
    public async Task OpenAsync_WhenDeletedOrReplacedMeanwhile_StillReadsWhatItOpened()
    {
        await PutAsync(Name, "deleted");
        await ReplaceAsync("replaced", null);
        await using var deleted = await Store.OpenAsync(Name, _token);
        await using var replaced = await Store.OpenAsync(Manifest, _token);
        await Store.DeleteAsync(Name, _token);
        var etag = await ReplaceAsync("newer", (await TextAndETagAsync(Manifest)).ETag);

        Assert.Equal("deleted", Encoding.UTF8.GetString(await ReadAsync(deleted!)));
        Assert.Equal("replaced", Encoding.UTF8.GetString(await ReadAsync(replaced!)));
        Assert.NotEqual(etag, replaced!.ETag);
    }

    [Fact]
    public async Task ListAsync_WithAPrefix_GivesAllBelowInOrder()
    {
        // '-' and '.' sort before '/', so that the order of folders is not the order of names.
        string[] names = ["a-b/x", "a.b", "a/b/c", "a/b-c", "a/b.d", "a/c/1/2/3", "ab", "b", "A", "date=2026-01-02/f.parquet", "date=2026-01-01/f.parquet"];
        foreach (var name in names) Assert.True(await PutAsync(name, name));

        Assert.Equal(names.Order(StringComparer.Ordinal), await ListAsync(""));
        Assert.Equal(["a/b-c", "a/b.d", "a/b/c", "a/c/1/2/3"], await ListAsync("a/"));
        Assert.Equal(["a/b-c", "a/b.d", "a/b/c"], await ListAsync("a/b"));
        Assert.Equal(["a/c/1/2/3"], await ListAsync("a/c/1/"));
        Assert.Equal(["date=2026-01-01/f.parquet", "date=2026-01-02/f.parquet"], await ListAsync("date=2026-01-0"));
        Assert.Empty(await ListAsync("a/x"));
        Assert.Empty(await ListAsync("none/"));
        Assert.Equal(["b"], await ListAsync("b"));
    }

    [Fact]
    public async Task ListAsync_OfAnEntry_TellsItsLengthAndChange()
    {
        await PutAsync(Name, "12345");
        var etag = await ReplaceAsync("1", null);
        await ReplaceAsync("123", etag);
        var entries = new List<ArchiveEntry>();
        await foreach (var entry in Store.ListAsync("projects/", _token)) entries.Add(entry);

        Assert.Equal([(Manifest, 3L), (Name, 5L)], entries.Select(entry => (entry.Name, entry.Length)));
        Assert.All(entries, entry => Assert.True(entry.Changed > DateTimeOffset.UnixEpoch.AddYears(40), $"changed {entry.Changed}"));
    }

    [Fact]
    public async Task DeleteAsync_WhenPresent_FreesTheName()
    {
        Assert.False(await Store.DeleteAsync(Name, _token));
        await PutAsync(Name, "first");
        await PutAsync(Other, "other");
        Assert.True(await Store.DeleteAsync(Name, _token));
        Assert.False(await Store.DeleteAsync(Name, _token));
        Assert.Null(await Store.OpenAsync(Name, _token));
        Assert.Equal([Other], await ListAsync(""));
        Assert.True(await PutAsync(Name, "second"));
        Assert.Equal("second", await TextAsync(Name));
    }

    [Fact]
    public async Task LocalPathAsync_WhenPresent_IsAFileOfTheBytes()
    {
        await Assert.ThrowsAsync<FileNotFoundException>(async () => await Store.LocalPathAsync(Name, _token));
        await PutAsync(Name, "bytes");
        var path = await Store.LocalPathAsync(Name, _token);
        Assert.Equal("bytes", await File.ReadAllTextAsync(path, _token));
        Assert.EndsWith(".steps.parquet", path, StringComparison.Ordinal);
        await Store.DeleteAsync(Name, _token);
        await Assert.ThrowsAsync<FileNotFoundException>(async () => await Store.LocalPathAsync(Name, _token));
    }

    [Fact]
    public async Task AnyCall_WithANameThatIsNone_IsRefused()
    {
        string[] names =
        [
            "", "/", "/a", "a/", "a//b", "..", "../a", "a/../b", "a..b", "a/..", ".", "./a", "a/./b", "a b", "a\\b", "a:b", "ä", "a\0", "a\n", "~new/1", "a*", "%2e",
        ];
        foreach (var name in names)
        {
            await Assert.ThrowsAsync<ArgumentException>(async () => await PutAsync(name, "x"));
            await Assert.ThrowsAsync<ArgumentException>(async () => await Store.ReplaceAsync(name, default, null, _token));
            await Assert.ThrowsAsync<ArgumentException>(async () => await Store.OpenAsync(name, _token));
            await Assert.ThrowsAsync<ArgumentException>(async () => await Store.DeleteAsync(name, _token));
            await Assert.ThrowsAsync<ArgumentException>(async () => await Store.LocalPathAsync(name, _token));
        }

        foreach (var prefix in names.Except(["", "a/"])) await Assert.ThrowsAsync<ArgumentException>(async () => await ListAsync(prefix));
        Assert.Empty(await ListAsync(""));
    }

    [Fact]
    public async Task Reopen_WhenWritten_KeepsObjectsAndETags()
    {
        await PutAsync(Name, "pack");
        var etag = await ReplaceAsync("manifest", null);
        subject.Reopen();

        Assert.Equal([Manifest, Name], await ListAsync(""));
        Assert.Equal("pack", await TextAsync(Name));
        Assert.False(await PutAsync(Name, "again"));
        Assert.Null(await ReplaceAsync("insert", null));
        Assert.NotNull(await ReplaceAsync("next", etag));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        subject.Dispose();
        GC.SuppressFinalize(this);
    }

    private static byte[] Bytes(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }

    private static async Task<byte[]> ReadAsync(ArchiveObject found)
    {
        var bytes = new MemoryStream();
        found.Content.Position = 0;
        await found.Content.CopyToAsync(bytes);
        return bytes.ToArray();
    }

    private static Task<T[]> AtOnceAsync<T>(int count, Func<int, ValueTask<T>> call) =>
        Task.WhenAll(Enumerable.Range(0, count).Select(i => Task.Run(async () => await call(i))));

    private ValueTask<bool> PutAsync(string name, string text) =>
        Store.PutAsync(name, async (stream, token) => await stream.WriteAsync(Encoding.UTF8.GetBytes(text), token), _token);

    private ValueTask<string?> ReplaceAsync(string text, string? etag) => Store.ReplaceAsync(Manifest, Encoding.UTF8.GetBytes(text), etag, _token);

    private async ValueTask<(string Text, string? ETag)> TextAndETagAsync(string name)
    {
        await using var found = await Store.OpenAsync(name, _token);
        Assert.NotNull(found);
        return (Encoding.UTF8.GetString(await ReadAsync(found)), found.ETag);
    }

    private async ValueTask<string> TextAsync(string name) => (await TextAndETagAsync(name)).Text;

    private async Task<List<string>> ListAsync(string prefix)
    {
        var names = new List<string>();
        await foreach (var entry in Store.ListAsync(prefix, _token)) names.Add(entry.Name);
        return names;
    }
}
