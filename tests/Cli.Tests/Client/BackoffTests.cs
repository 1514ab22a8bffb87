using Microsoft.Extensions.Time.Testing;
using Rollbook.Client;
using Xunit;

namespace Rollbook.Cli.Tests.Client;

public sealed class BackoffTests
{
    [Fact]
    public async Task SendAsync_WhenServerAsksForAPause_WaitsThatLongByTheClock()
    {
        var time = new FakeTimeProvider();
        var handler = new ScriptedHandler(429, "5", 200);
        using var client = new RollbookHttpClient(new RollbookHttpOptions { TimeProvider = time, JitterSeed = 7 }, handler);

        var ready = client.WaitUntilReadyAsync(TestContext.Current.CancellationToken);
        await handler.Answered(1);
        time.Advance(TimeSpan.FromSeconds(4.9));
        Assert.False(ready.IsCompleted);
        Assert.Equal(1, handler.Count);

        time.Advance(TimeSpan.FromSeconds(0.2));
        await ready;
        Assert.Equal(2, handler.Count);
    }

    [Fact]
    public async Task SendAsync_WhenWindowIsOver_ThrowsTheLastError()
    {
        var time = new FakeTimeProvider { AutoAdvanceAmount = TimeSpan.FromSeconds(11) };
        var handler = new ScriptedHandler(503, null, 503);
        var options = new RollbookHttpOptions { TimeProvider = time, JitterSeed = 7, GiveUpAfter = TimeSpan.FromSeconds(10) };
        using var client = new RollbookHttpClient(options, handler);

        var e = await Assert.ThrowsAsync<RollbookException>(() => client.WaitUntilReadyAsync(TestContext.Current.CancellationToken));

        Assert.Equal("unavailable", e.Code);
        Assert.Equal(1, handler.Count);
    }

    /// <summary>Answers the first request one way and the later ones another.</summary>
    private sealed class ScriptedHandler(int first, string? retryAfter, int later) : HttpMessageHandler
    {
        private readonly TaskCompletionSource _answered = new();

        public int Count { get; private set; }

        public Task Answered(int count) => Count >= count ? Task.CompletedTask : _answered.Task;

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var response = new HttpResponseMessage((System.Net.HttpStatusCode)(Count++ == 0 ? first : later)) { Content = new StringContent("") };
            if (retryAfter is not null)
                response.Headers.Add("Retry-After", retryAfter);
            _answered.TrySetResult();
            return Task.FromResult(response);
        }
    }
}
