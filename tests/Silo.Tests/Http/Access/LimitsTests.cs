using System.Net;
using System.Text;
using Rollbook.Access;
using Rollbook.Silo.Http;

namespace Rollbook.Silo.Tests.Http.Access;

/// <summary>What a credential may ask for.</summary>
public sealed class LimitsTests
{
    private static readonly Caller Small = new("key:a", "default", AccessScopes.All, false) { RequestsPerSecond = 3, BytesPerSecond = 16 * 1024 };

    [Fact]
    public void Take_MoreRequestsThanTheBucketHolds_SaysHowLongToWait()
    {
        var buckets = new CallerBuckets(Small with { RequestsPerSecond = 1 }, new AccessOptions());
        double? wait = null;
        // A second may pass between two of them on a busy machine, but not between all of a hundred.
        for (var i = 0; i < 100; i++) wait ??= buckets.Take(0);
        Assert.InRange(wait!.Value, 0.001, 1);
    }

    [Fact]
    public void Take_MoreBytesThanTheBucketHolds_SaysHowLongToWait()
    {
        var buckets = new CallerBuckets(Small with { RequestsPerSecond = 1_000_000 }, new AccessOptions());
        // One that is larger than the bucket needs a full one, and gets it.
        Assert.Null(buckets.Take(1L << 40));
        double? wait = null;
        for (var i = 0; i < 1000; i++) wait ??= buckets.Take(16 * 1024);
        Assert.NotNull(wait);
    }

    [Fact]
    public void TakeStream_WhenAllPlacesAreTaken_GivesNone_UntilOneIsGivenBack()
    {
        var buckets = new CallerBuckets(Small, new AccessOptions { Streams = 1 });
        using (var first = buckets.TakeStream())
        {
            using var second = buckets.TakeStream();
            Assert.Equal((true, false), (first.IsAcquired, second.IsAcquired));
        }

        using var third = buckets.TakeStream();
        Assert.True(third.IsAcquired);
    }

    [Fact]
    public async Task Requests_OverTheKeysOwnLimit_Are429_AndNoOtherKeys()
    {
        await using var server = await LockedServer.StartAsync();
        var slow = await server.PutAsync(static key => key with { RequestsPerSecond = 1 });
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => server.AnswerAsync(new("Bearer", slow), HttpMethod.Get, "/v1/workers")));
        var refused = Assert.IsAssignableFrom<IEnumerable<HttpResponseMessage>>(answers.Where(static answer => answer.StatusCode == HttpStatusCode.TooManyRequests)).ToList();
        Assert.NotEmpty(refused);
        Assert.All(refused, static answer => Assert.Equal(TimeSpan.FromSeconds(1), answer.Headers.RetryAfter!.Delta));
        Assert.Contains("rate_limited", await refused[0].Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Contains(answers, static answer => answer.StatusCode == HttpStatusCode.OK);
        Assert.Equal(HttpStatusCode.OK, (await server.SendAsync(server.AdminKey, HttpMethod.Get, "/v1/workers")).Status);
        foreach (var answer in answers) answer.Dispose();
    }

    [Fact]
    public async Task Body_OfUnknownLength_IsCountedWhileItIsRead()
    {
        await using var server = await LockedServer.StartAsync();
        var key = await server.PutAsync(static key => key with { BytesPerSecond = 64 * 1024 });
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/steps") { Content = new StringContent(new string('x', 8 * 1024 * 1024), Encoding.UTF8, "application/x-ndjson") };
        request.Headers.TransferEncodingChunked = true;
        request.Headers.Authorization = new("Bearer", key);
        using var response = await server.Server.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.TooManyRequests, response.StatusCode);
    }
}
