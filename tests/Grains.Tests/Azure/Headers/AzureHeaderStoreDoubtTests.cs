using Rollbook.Episodes;
using Rollbook.StepLog;
using Rollbook.Testing;
using Xunit;

namespace Rollbook.Grains.Tests.Azure.Headers;

/// <summary>Writes without an answer: the nonce tells a claim's own success from another's.</summary>
public sealed class AzureHeaderStoreDoubtTests : IDisposable
{
    private static readonly CancellationToken None = CancellationToken.None;
    private readonly TableFaults _faults = new();
    private readonly AzuriteSubject<IHeaderStore> _subject;
    private readonly IHeaderStore _store;

    public AzureHeaderStoreDoubtTests(Azurite azurite)
    {
        _subject = AzureStores.Headers(azurite, _faults);
        _store = _subject.Store;
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task WriteAsync_WhenNoAnswerComes_IsAppliedOnceAndKnowsIt(bool sent)
    {
        _faults.LoseWrite(sent);
        var stored = await _store.WriteAsync(Header("first"), None);
        Assert.Equal(stored, (await _store.ReadAsync(stored!.Key, None))! with { Extents = stored.Extents });

        _faults.LoseWrite(sent);
        var replaced = await _store.WriteAsync(stored with { Term = 2, Nonce = "second" }, None);
        Assert.Equal(replaced, (await _store.ReadAsync(stored.Key, None))! with { Extents = replaced!.Extents });
        Assert.NotEqual(stored.ETag, replaced!.ETag);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task WriteAsync_WhenAnotherWinsBeforeTheAnswer_Loses(bool sent)
    {
        var stored = (await _store.WriteAsync(Header("first"), None))!;
        _faults.LoseWrite(sent, async () =>
        {
            var now = (await _store.ReadAsync(stored.Key, None))!;
            Assert.NotNull(await _store.WriteAsync(now with { Term = now.Term + 1, Nonce = "other" }, None));
        });

        Assert.Null(await _store.WriteAsync(stored with { Term = 2, Nonce = "mine" }, None));
        Assert.Equal("other", (await _store.ReadAsync(stored.Key, None))!.Nonce);
    }

    [Fact]
    public async Task WriteAsync_WhenNoTryIsAnswered_IsUnknown()
    {
        _faults.LoseWrite(false).LoseWrite(false).LoseWrite(false);

        await Assert.ThrowsAsync<IOException>(async () => await _store.WriteAsync(Header("first"), None));
        Assert.NotNull(await _store.WriteAsync(Header("again"), None));
    }

    [Fact]
    public async Task WriteAsync_WhenOnlyTheLastAnswersAreLost_ReadsItsSuccess()
    {
        _faults.LoseWrite(false).LoseWrite(false).LoseWrite(true);

        Assert.NotNull(await _store.WriteAsync(Header("first"), None));
    }

    [Fact]
    public async Task WriteAsync_OfALostRace_CostsOneCall()
    {
        await _store.WriteAsync(Header("first"), None);
        var before = _faults.Calls;

        Assert.Null(await _store.WriteAsync(Header("second"), None));
        Assert.Equal(before + 1, _faults.Calls);
    }

    public void Dispose() => _subject.Dispose();

    private static EpisodeHeader Header(string nonce) => new()
    {
        Key = new EpisodeKey("default", new EpisodeId(1)),
        Term = 1,
        Owner = new LogId(7),
        Extents = [new Extent(1, new LogId(7))],
        Nonce = nonce,
    };
}
