using System.Threading.RateLimiting;
using Rollbook.Access;

namespace Rollbook.Silo.Http;

/// <summary>What one credential may still ask for: requests and bytes of bodies a second, and answers that last.</summary>
internal sealed class CallerBuckets
{
    // A bucket counts in an int: bytes are counted by the KiB, each body as at least one.
    private const int Unit = 1024;

    private readonly TokenBucketRateLimiter requests;
    private readonly TokenBucketRateLimiter bytes;
    private readonly ConcurrencyLimiter streams;
    private readonly int mostUnits;

    /// <summary>Full buckets.</summary>
    public CallerBuckets(Caller caller, AccessOptions options)
    {
        requests = Bucket(caller.RequestsPerSecond ?? options.RequestsPerSecond);
        mostUnits = (int)Math.Clamp((caller.BytesPerSecond ?? options.BytesPerSecond) / Unit, 1, int.MaxValue);
        bytes = Bucket(mostUnits);
        streams = new ConcurrencyLimiter(new ConcurrencyLimiterOptions { PermitLimit = options.Streams, QueueLimit = 0 });
    }

    /// <summary>Takes a request and its body, as far as its length is announced.</summary>
    /// <returns>Seconds to wait; null = it is within the limits.</returns>
    public double? Take(long? length)
    {
        if (Take(requests, 1) is { } wait) return wait;
        return length > 0 ? TakeBytes(length.Value) : null;
    }

    /// <summary>Takes bytes of a body. One that is larger than the whole bucket needs a full one.</summary>
    /// <returns>Seconds to wait; null = it is within the limits.</returns>
    public double? TakeBytes(long length) => Take(bytes, (int)Math.Min((length + Unit - 1) / Unit, mostUnits));

    /// <summary>A place for an answer that lasts, to be given back; not acquired where there is none.</summary>
    public RateLimitLease TakeStream() => streams.AttemptAcquire();

    // Refilled when somebody asks: no timer for each of many credentials.
    private static TokenBucketRateLimiter Bucket(int perSecond) => new(new TokenBucketRateLimiterOptions
    {
        TokenLimit = perSecond,
        TokensPerPeriod = perSecond,
        ReplenishmentPeriod = TimeSpan.FromSeconds(1),
        AutoReplenishment = false,
        QueueLimit = 0,
    });

    private static double? Take(TokenBucketRateLimiter bucket, int count)
    {
        using var first = bucket.AttemptAcquire(count);
        if (first.IsAcquired) return null;
        bucket.TryReplenish();
        using var second = bucket.AttemptAcquire(count);
        if (second.IsAcquired) return null;
        return second.TryGetMetadata(MetadataName.RetryAfter, out var wait) ? wait.TotalSeconds : 1;
    }
}
