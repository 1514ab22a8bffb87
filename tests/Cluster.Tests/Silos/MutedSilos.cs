using System.Collections.Concurrent;

namespace Rollbook.Cluster.Tests.Silos;

/// <summary>The silos whose log services are asked and never answer.</summary>
internal sealed class MutedSilos
{
    private readonly ConcurrentDictionary<SiloAddress, bool> muted = new();

    public bool Contains(SiloAddress silo) => muted.ContainsKey(silo);

    public void Add(SiloAddress silo) => muted[silo] = true;

    public void Remove(SiloAddress silo) => muted.TryRemove(silo, out _);
}
