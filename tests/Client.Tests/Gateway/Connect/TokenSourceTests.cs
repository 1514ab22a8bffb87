using Microsoft.Extensions.Time.Testing;

namespace Rollbook.Client.Tests.Gateway.Connect;

/// <summary>When a token is got, and which one is sent meanwhile.</summary>
public sealed class TokenSourceTests
{
    private readonly FakeTimeProvider time = new();
    private readonly Queue<TaskCompletionSource<BearerToken>> asked = [];
    private readonly SemaphoreSlim calls = new(0);
    private readonly TokenSource source;

    public TokenSourceTests() => source = new TokenSource(
        _ =>
        {
            var answer = new TaskCompletionSource<BearerToken>(TaskCreationOptions.RunContinuationsAsynchronously);
            lock (asked) asked.Enqueue(answer);
            calls.Release();
            return new(answer.Task);
        },
        TimeSpan.FromSeconds(30),
        time);

    [Fact]
    public async Task Find_ManyAtOnce_AskOnce_AndThenNoMore()
    {
        var finds = Enumerable.Range(0, 10).Select(_ => source.FindAsync().AsTask()).ToList();
        Answer(await AskedAsync(), "a");
        Assert.All(await Task.WhenAll(finds), static token => Assert.Equal("a", token));

        var again = source.FindAsync();
        Assert.True(again.IsCompletedSuccessfully);
        Assert.Equal("a", await again);
        Assert.Equal(0, calls.CurrentCount);
    }

    [Theory]
    [InlineData(600, 479, false)]
    [InlineData(600, 480, true)]
    [InlineData(3600, 3299, false)]
    [InlineData(3600, 3300, true)]
    public async Task Find_InTheLastPartOfTheLife_SendsTheOldOneAndGetsTheNext(int life, int after, bool gets)
    {
        await HaveAsync("a", life);
        time.Advance(TimeSpan.FromSeconds(after));
        Assert.Equal("a", await source.FindAsync());
        if (!gets)
        {
            Assert.Equal(0, calls.CurrentCount);
            return;
        }

        var next = await AskedAsync();
        Assert.Equal("a", await source.FindAsync());
        Answer(next, "b");
        await UntilAsync("b");
        Assert.Equal(0, calls.CurrentCount);
    }

    [Fact]
    public async Task Find_AfterTheEnd_WaitsForTheNext()
    {
        await HaveAsync("a", 600);
        time.Advance(TimeSpan.FromSeconds(600));
        var find = source.FindAsync();
        Assert.False(find.IsCompleted);
        Answer(await AskedAsync(), "b");
        Assert.Equal("b", await find);
    }

    [Fact]
    public async Task Find_WhenTheProviderFails_TheOldOneGoesOnToItsEnd()
    {
        await HaveAsync("a", 600);
        time.Advance(TimeSpan.FromSeconds(500));
        Assert.Equal("a", await source.FindAsync());
        var asked = await AskedAsync();
        var joined = source.InsteadOfAsync("a");
        asked.SetException(new IOException("the issuer is away"));
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await joined);
        Assert.Equal("a", await source.FindAsync());

        time.Advance(TimeSpan.FromSeconds(100));
        var find = source.FindAsync();
        (await AskedAsync()).SetException(new IOException("the issuer is away"));
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(async () => await find);
        Assert.Contains("the issuer is away", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Find_WhenTheProviderHangs_EndsWithItsPatience()
    {
        var find = source.FindAsync();
        await AskedAsync();
        time.Advance(TimeSpan.FromSeconds(30));
        Assert.IsType<TimeoutException>((await Assert.ThrowsAsync<InvalidOperationException>(async () => await find)).InnerException);
    }

    [Fact]
    public async Task Find_WhenTheProviderBlocks_EndsWithItsPatience()
    {
        using var entered = new SemaphoreSlim(0);
        using var go = new ManualResetEventSlim();
        var left = new TaskCompletionSource();
        var blocking = new TokenSource(
            _ =>
            {
                entered.Release();
                go.Wait(CancellationToken.None);
                left.SetResult();
                return new(new BearerToken("late", time.GetUtcNow()));
            },
            TimeSpan.FromSeconds(30),
            time);
        var find = blocking.FindAsync().AsTask();
        Assert.True(await entered.WaitAsync(TimeSpan.FromSeconds(30)), "The provider was not asked.");
        time.Advance(TimeSpan.FromSeconds(30));
        try
        {
            var failure = await Assert.ThrowsAsync<InvalidOperationException>(async () => await find.WaitAsync(TimeSpan.FromSeconds(30)));
            Assert.IsType<TimeoutException>(failure.InnerException);
        }
        finally
        {
            go.Set();
            await left.Task;
        }
    }

    [Fact]
    public async Task Find_JustAfterAFailure_IsThatFailure_AndAsksAgainASecondLater()
    {
        var find = source.FindAsync();
        (await AskedAsync()).SetException(new IOException("the issuer is away"));
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await find);

        time.Advance(TimeSpan.FromMilliseconds(999));
        var again = source.FindAsync();
        Assert.True(again.IsCompleted, "The provider was asked again.");
        Assert.Contains("away", (await Assert.ThrowsAsync<InvalidOperationException>(async () => await again)).Message, StringComparison.Ordinal);
        Assert.Equal(0, calls.CurrentCount);

        time.Advance(TimeSpan.FromMilliseconds(1));
        await HaveAsync("a", 600);
    }

    [Fact]
    public async Task InsteadOf_RefusedToken_IsGotAnew_ButNotAtOnceAgain()
    {
        await HaveAsync("a", 600);
        Assert.Equal("a", await source.InsteadOfAsync("a"));
        time.Advance(TimeSpan.FromSeconds(1));
        var other = source.InsteadOfAsync("a");
        Answer(await AskedAsync(), "b");
        Assert.Equal("b", await other);
        // A call that was sent with the old one before.
        Assert.Equal("b", await source.InsteadOfAsync("a"));
        Assert.Equal(0, calls.CurrentCount);
    }

    [Fact]
    public async Task Find_TokenThatIsOverAlready_IsNotAskedForEachCall()
    {
        await HaveAsync("a", -5);
        Assert.Equal("a", await source.FindAsync());
        Assert.Equal(0, calls.CurrentCount);
    }

    [Fact]
    public void ToString_OfAToken_KeepsTheSecret() =>
        Assert.DoesNotContain("secret", new BearerToken("secret", time.GetUtcNow()).ToString(), StringComparison.Ordinal);

    private async Task HaveAsync(string token, int life)
    {
        var find = source.FindAsync();
        Answer(await AskedAsync(), token, life);
        Assert.Equal(token, await find);
    }

    private void Answer(TaskCompletionSource<BearerToken> answer, string token, int life = 600) => answer.SetResult(new BearerToken(token, time.GetUtcNow().AddSeconds(life)));

    private async Task<TaskCompletionSource<BearerToken>> AskedAsync()
    {
        Assert.True(await calls.WaitAsync(TimeSpan.FromSeconds(30)), "The provider was not asked.");
        lock (asked) return asked.Dequeue();
    }

    // The answer comes in on another thread.
    private async Task UntilAsync(string token)
    {
        for (var left = 100_000; await source.FindAsync() != token; left--)
        {
            Assert.True(left > 0, $"{token} was never taken.");
            await Task.Yield();
        }
    }
}
