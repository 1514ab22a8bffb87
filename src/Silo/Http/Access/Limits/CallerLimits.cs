using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Rollbook.Access;

namespace Rollbook.Silo.Http;

/// <summary>The buckets of all credentials of this silo; each silo counts for itself.</summary>
internal sealed class CallerLimits(IOptions<AccessOptions> options)
{
    // Tokens name as many subjects as an issuer has. Beyond this all begin anew with full buckets.
    private const int Most = 20_000;

    private readonly ConcurrentDictionary<string, CallerBuckets> buckets = new(StringComparer.Ordinal);

    /// <summary>The buckets of a caller.</summary>
    public CallerBuckets Of(Caller caller)
    {
        if (buckets.TryGetValue(caller.Name, out var found)) return found;
        if (buckets.Count >= Most) buckets.Clear();
        return buckets.GetOrAdd(caller.Name, static (_, state) => new CallerBuckets(state.caller, state.options), (caller, options: options.Value));
    }
}
