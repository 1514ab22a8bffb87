using Rollbook.StepLog;
using Xunit;

namespace Rollbook.Testing;

/// <summary>What every <see cref="ILogIndexStore"/> must do.</summary>
/// <param name="subject">The store, owned by the suite from here on.</param>
public abstract class LogIndexStoreConformance(IStoreSubject<ILogIndexStore> subject) : IDisposable
{
    private static readonly LogId Log = new(11);
    private readonly CancellationToken _token = CancellationToken.None;

    [Fact]
    public async Task GetAsync_WhenNeverPut_IsNull() => Assert.Null(await subject.Store.GetAsync(Log, "tails", _token));

    [Fact]
    public async Task PutAsync_WhenDone_IsReadByLogAndName()
    {
        await subject.Store.PutAsync(Log, "index-00000001", new byte[] { 1, 2, 3 }, _token);
        await subject.Store.PutAsync(Log, "tails", new byte[] { 4 }, _token);
        await subject.Store.PutAsync(new LogId(12), "tails", ReadOnlyMemory<byte>.Empty, _token);
        subject.Reopen();

        Assert.Equal(new byte[] { 1, 2, 3 }, await subject.Store.GetAsync(Log, "index-00000001", _token));
        Assert.Equal(new byte[] { 4 }, await subject.Store.GetAsync(Log, "tails", _token));
        Assert.Equal(Array.Empty<byte>(), await subject.Store.GetAsync(new LogId(12), "tails", _token));
        Assert.Null(await subject.Store.GetAsync(new LogId(12), "index-00000001", _token));
    }

    [Fact]
    public async Task PutAsync_WhenPresent_ReplacesTheWhole()
    {
        await subject.Store.PutAsync(Log, "tails", new byte[5000], _token);
        var bytes = new byte[] { 9, 8 };
        await subject.Store.PutAsync(Log, "tails", bytes, _token);
        bytes[0] = 0;
        (await subject.Store.GetAsync(Log, "tails", _token))![1] = 0;

        Assert.Equal(new byte[] { 9, 8 }, await subject.Store.GetAsync(Log, "tails", _token));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        subject.Dispose();
        GC.SuppressFinalize(this);
    }
}
