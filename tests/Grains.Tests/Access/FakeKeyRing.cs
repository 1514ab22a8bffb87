using Orleans;
using Rollbook.Access;

namespace Rollbook.Grains.Tests.Access;

/// <summary>A ring that a test changes, away when it says so, behind a factory that knows nothing else.</summary>
internal sealed class FakeKeyRing : IKeyRingGrain
{
    public KeyRing Ring { get; set; } = new();

    public bool Away { get; set; }

    public int Reads { get; private set; }

    public IGrainFactory Factory => FakeFactory.Of(this);

    public Task<KeyRing?> Read(long known)
    {
        Reads++;
        if (Away) throw new TimeoutException("The ring is away.");
        return Task.FromResult(Ring.Version == known ? null : Ring);
    }

    public Task<KeyChange> Add(KeyRecord key, bool onlyFirst) => throw new InvalidOperationException("A copy only reads.");

    public Task<KeyChange> Rotate(string id, KeyRecord successor, long until) => throw new InvalidOperationException("A copy only reads.");

    public Task<KeyChange> Revoke(string id) => throw new InvalidOperationException("A copy only reads.");

    public Task Used(IReadOnlyList<KeyUse> uses) => throw new InvalidOperationException("A copy only reads.");
}
