using Microsoft.Extensions.Options;

namespace Rollbook.Cluster;

/// <inheritdoc cref="IDutyGrain"/>
[GrainType("duty")]
internal sealed class DutyGrain(IOptions<ClusterOptions> options, TimeProvider time) : Grain, IDutyGrain
{
    private readonly HashSet<string> known = [];
    private string? holder;
    private long askedAt;

    /// <inheritdoc/>
    public Task<DutyReply> Turn(string silo, string[] packed)
    {
        known.UnionWith(packed);
        if (holder != silo && (holder is null || time.GetElapsedTime(askedAt).TotalSeconds >= options.Value.DutySeconds)) holder = silo;
        if (holder == silo) askedAt = time.GetTimestamp();
        return Task.FromResult(new DutyReply(holder == silo, [.. known]));
    }
}
