using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace Rollbook.Silo.Http;

/// <summary>The keys of the tokens' issuer: read at the first token, at a token of a key that isn't among them, and in the background when they are half a day old.</summary>
/// <remarks>
/// All who wait share one request. The library's own <c>ConfigurationManager</c> lets callers queue for one attempt each while the issuer is silent, and doesn't read
/// again for minutes after the issuer changed its key.
/// </remarks>
internal sealed partial class IssuerKeys(string metadata, TimeProvider time, ILogger log) : IDisposable
{
    // Of one caller. The request goes on for the next.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestRequest = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(1);

    // Anybody can send a token that names a key which there is not.
    private static readonly TimeSpan BetweenUnknown = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Fresh = TimeSpan.FromHours(12);
    private static readonly TimeSpan AfterFailedRefresh = TimeSpan.FromMinutes(5);

    private readonly HttpClient http = new() { Timeout = LongestRequest, MaxResponseContentBufferSize = 1024 * 1024 };
    private readonly bool requireHttps = !new Uri(metadata).IsLoopback;
    private readonly Lock gate = new();
    private ICollection<SecurityKey>? held;
    private long refreshFrom;
    private TimeSpan refreshAfter;
    private long? readAgainAt;
    private (Exception Failure, long At)? failed;
    private Task<Exception?>? fetching;

    /// <summary>The keys.</summary>
    /// <exception cref="RefusedException">There are none, and they can't be read at the moment.</exception>
    public ValueTask<ICollection<SecurityKey>> FindAsync()
    {
        lock (gate)
        {
            if (held is null) return new(FetchedAsync(Fetch()));
            if (time.GetElapsedTime(refreshFrom) >= refreshAfter) _ = Fetch();
            return new(held);
        }
    }

    /// <summary>The keys that there are now, where some were not enough; null where there are no others, and none are to be asked for yet.</summary>
    /// <exception cref="RefusedException">They can't be read at the moment.</exception>
    public async ValueTask<ICollection<SecurityKey>?> OtherThanAsync(ICollection<SecurityKey> used)
    {
        Task<Exception?> fetch;
        lock (gate)
        {
            if (!ReferenceEquals(held, used)) return held;
            if (fetching is null && readAgainAt is { } at && time.GetElapsedTime(at) < BetweenUnknown) return null;
            fetch = Fetch();
        }

        return await FetchedAsync(fetch);
    }

    /// <inheritdoc/>
    public void Dispose() => http.Dispose();

    private async Task<ICollection<SecurityKey>> FetchedAsync(Task<Exception?> fetch)
    {
        var isRead = false;
        try
        {
            isRead = await fetch.WaitAsync(Patience, time) is null;
        }
        catch (TimeoutException)
        {
            // As good as a failure for this caller; the next may have the answer.
        }

        // Keys that can't be read say nothing of the token.
        if (!isRead) throw new RefusedException(ProblemKind.Of(RollbookCode.Unavailable), "The keys of the tokens' issuer can't be read at the moment. Nothing was done: send the same again.");
        lock (gate) return held!;
    }

    // Under the gate.
    private Task<Exception?> Fetch()
    {
        if (fetching is not null) return fetching;
        if (failed is var (known, at) && time.GetElapsedTime(at) < AfterFailure) return Task.FromResult<Exception?>(known);
        // Of no request: the answer is for all.
        using var _ = ExecutionContext.SuppressFlow();
        return fetching = Task.Run(FetchAsync);
    }

    private async Task<Exception?> FetchAsync()
    {
        Exception? failure = null;
        ICollection<SecurityKey> keys = [];
        try
        {
            using var stop = new CancellationTokenSource(LongestRequest, time);
            var documents = new HttpDocumentRetriever(http) { RequireHttps = requireHttps };
            keys = (await OpenIdConnectConfigurationRetriever.GetAsync(metadata, documents, stop.Token)).SigningKeys;
            if (keys.Count == 0) throw new InvalidDataException("The issuer publishes no keys.");
        }
        catch (Exception error)
        {
            failure = error;
            LogNoKeys(log, metadata, error);
        }

        lock (gate)
        {
            fetching = null;
            var now = time.GetTimestamp();
            failed = failure is null ? null : (failure, now);
            (refreshFrom, refreshAfter) = (now, failure is null ? Fresh : AfterFailedRefresh);
            if (failure is not null) return failure;
            if (held is not null) readAgainAt = now;
            held = keys;
        }

        return null;
    }

    [LoggerMessage(1, LogLevel.Warning, "The keys of the tokens' issuer can't be read from {Metadata}. Tokens that need them are refused meanwhile.")]
    private static partial void LogNoKeys(ILogger log, string metadata, Exception failure);
}
