using Rollbook.StepLog;
using Xunit;

namespace Rollbook.Testing;

/// <summary>What every <see cref="IObjectContainer"/> must do.</summary>
/// <param name="container">An empty container.</param>
public abstract class ObjectContainerConformance(IObjectContainer container)
{
    private readonly CancellationToken _token = CancellationToken.None;

    [Fact]
    public async Task GetAsync_WhenNeverPut_IsNull()
    {
        Assert.Null(await container.GetAsync("wal/00/none", _token));
        Assert.Null(await container.ReadAsync("wal/00/none", 0, new byte[4], _token));
        await container.DeleteAsync("wal/00/none", _token);
        Assert.Empty(await ListAsync(""));
    }

    [Fact]
    public async Task PutNewAsync_WhenNew_IsThereWhole()
    {
        var bytes = Bytes(1_300_007);
        Assert.True(await container.PutNewAsync("wal/00/a", bytes, _token));
        Assert.True(await container.PutNewAsync("wal/00/empty", default, _token));

        await AssertIsAsync("wal/00/a", bytes);
        await AssertIsAsync("wal/00/empty");
    }

    [Fact]
    public async Task PutNewAsync_WhenTaken_AnswersFalseAndKeepsTheFirst()
    {
        Assert.True(await container.PutNewAsync("a", new byte[] { 1 }, _token));
        Assert.False(await container.PutNewAsync("a", new byte[] { 2, 3 }, _token));
        Assert.False(await container.PutNewAsync("a", new byte[] { 1 }, _token));

        await AssertIsAsync("a", 1);
    }

    [Fact]
    public async Task PutNewAsync_WhenManyAtOnce_OneWinsWithItsOwnBytes()
    {
        for (var round = 0; round < 5; round++)
        {
            var name = $"round-{round}";
            var won = await Task.WhenAll(Enumerable.Range(0, 24).Select(i => Task.Run(async () => await container.PutNewAsync(name, new[] { (byte)i }, _token))));

            Assert.Single(won, true);
            await AssertIsAsync(name, (byte)Array.IndexOf(won, true));
        }
    }

    [Fact]
    public async Task PutNewAsync_AfterADelete_Puts()
    {
        await container.PutNewAsync("a", new byte[] { 1 }, _token);
        await container.DeleteAsync("a", _token);
        Assert.Null(await container.GetAsync("a", _token));
        Assert.True(await container.PutNewAsync("a", new byte[] { 2 }, _token));

        await AssertIsAsync("a", 2);
    }

    [Fact]
    public async Task PutAsync_WhenTaken_Replaces()
    {
        var bytes = new byte[] { 1, 2, 3 };
        await container.PutAsync("a", bytes, _token);
        bytes[0] = 9;
        await AssertIsAsync("a", 1, 2, 3);
        await container.PutAsync("a", new byte[] { 4 }, _token);

        await AssertIsAsync("a", 4);
    }

    [Fact]
    public async Task ReadAsync_OfAPart_GivesWhatIsThere()
    {
        var bytes = Bytes(1000);
        await container.PutAsync("a", bytes, _token);
        foreach (var (offset, length, there) in new[] { (0, 10, 10), (990, 10, 10), (995, 10, 5), (1000, 10, 0), (1005, 10, 0), (0, 2000, 1000) })
        {
            var into = new byte[length];
            Assert.Equal(there, await container.ReadAsync("a", offset, into, _token));
            Assert.Equal(bytes.Skip(offset).Take(there), into.Take(there));
        }
    }

    [Fact]
    public async Task ListAsync_WithAPrefix_GivesNamesAndLengthsInOrder()
    {
        foreach (var (name, length) in new[] { ("wal/0a/l/000000000010", 10), ("wal/0a/l/000000000002", 2), ("wal/0a/m/000000000001", 1), ("wal/0a/l/000000000009", 9), ("index/0a/l/tails", 3) })
            await container.PutAsync(name, new byte[length], _token);

        Assert.Equal(
            [new("wal/0a/l/000000000002", 2), new("wal/0a/l/000000000009", 9), new("wal/0a/l/000000000010", 10)], await ListAsync("wal/0a/l/"));
        Assert.Equal(5, (await ListAsync("")).Count);
        Assert.Empty(await ListAsync("wal/0b/"));
    }

    private static byte[] Bytes(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }

    private async Task AssertIsAsync(string name, params byte[] bytes) => Assert.Equal<byte[]?>(bytes, await container.GetAsync(name, _token));

    private async Task<List<ObjectEntry>> ListAsync(string prefix)
    {
        var entries = new List<ObjectEntry>();
        for (string? page = null; ;)
        {
            var found = await container.ListAsync(prefix, page, _token);
            entries.AddRange(found.Entries);
            if ((page = found.Next) is null) return entries;
        }
    }
}
