namespace Rollbook.Client;

/// <summary>Holds the token in use and gets the next one before its time is over, so that no call waits for the issuer but the first.</summary>
/// <param name="provider">Gets a token.</param>
/// <param name="patience">How long it may take.</param>
/// <param name="time">The clock.</param>
internal sealed class TokenSource(Func<CancellationToken, ValueTask<BearerToken>> provider, TimeSpan patience, TimeProvider time)
{
    private const int PartLeft = 5;
    private static readonly TimeSpan MostLeft = TimeSpan.FromMinutes(5);

    // Between two requests to the issuer, whatever its tokens and its failures are.
    private static readonly TimeSpan Least = TimeSpan.FromSeconds(1);

    private readonly Lock gate = new();
    private Held? held;
    private Task<Exception?>? fetching;
    private (Exception Failure, long At)? failed;

    /// <summary>The token to send.</summary>
    /// <exception cref="InvalidOperationException">There is none, and the provider gave none.</exception>
    public ValueTask<string> FindAsync()
    {
        var now = time.GetUtcNow();
        if (Volatile.Read(ref held) is not { } known || now >= known.EndsAt) return new(FetchedAsync());
        if (now >= known.RenewAt) _ = FetchAsync();
        return new(known.Value);
    }

    /// <summary>The token to send instead of one that the recorder didn't accept; the same where there is no other.</summary>
    /// <exception cref="InvalidOperationException">The provider gave none.</exception>
    public async ValueTask<string> InsteadOfAsync(string refused)
    {
        var known = Volatile.Read(ref held);
        if (known is null || known.Value != refused) return await FindAsync().ConfigureAwait(false);
        // A provider that keeps its tokens gives the same again: not asked for each refused call.
        return time.GetUtcNow() - known.Since < Least ? refused : await FetchedAsync().ConfigureAwait(false);
    }

    private async Task<string> FetchedAsync()
    {
        if (await FetchAsync().ConfigureAwait(false) is { } failure) throw new InvalidOperationException($"The token provider gave no token: {failure.Message}", failure);
        return Volatile.Read(ref held)!.Value;
    }

    private Task<Exception?> FetchAsync()
    {
        lock (gate)
        {
            if (fetching is not null) return fetching;
            // Many calls without a token must not be as many requests to an issuer that is in trouble.
            if (failed is var (known, at) && time.GetElapsedTime(at) < Least) return Task.FromResult<Exception?>(known);
            // Of no call: the answer is for all.
            using var _ = ExecutionContext.SuppressFlow();
            return fetching = Task.Run(FetchOnceAsync);
        }
    }

    private async Task<Exception?> FetchOnceAsync()
    {
        Exception? failure = null;
        BearerToken? token = null;
        try
        {
            using var stop = new CancellationTokenSource(patience, time);
            // On another thread: one that blocks is not waited for longer than one that awaits.
            token = await Task.Run(() => provider(stop.Token).AsTask()).WaitAsync(stop.Token).ConfigureAwait(false);
            ArgumentException.ThrowIfNullOrEmpty(token?.Value);
        }
        catch (Exception error)
        {
            failure = error is OperationCanceledException ? new TimeoutException($"It took longer than {patience}.", error) : error;
        }

        lock (gate)
        {
            fetching = null;
            failed = failure is null ? null : (failure, time.GetTimestamp());
            var now = time.GetUtcNow();
            if (failure is null) held = Held.Of(token!, now);
            else if (held is not null) held = held with { RenewAt = now + Least };
        }

        return failure;
    }

    private sealed record Held(string Value, DateTimeOffset Since, DateTimeOffset RenewAt, DateTimeOffset EndsAt)
    {
        public static Held Of(BearerToken token, DateTimeOffset now)
        {
            var life = token.ExpiresAt - now;
            var left = life / PartLeft < MostLeft ? life / PartLeft : MostLeft;
            // One that is over already, by this machine's clock: the recorder judges by its own.
            return life <= Least ? new Held(token.Value, now, now + Least, now + Least) : new Held(token.Value, now, token.ExpiresAt - left, token.ExpiresAt);
        }
    }
}
