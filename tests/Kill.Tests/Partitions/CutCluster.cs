namespace Rollbook.Kill.Tests;

/// <summary>A cluster of three in a network that is cut, under a load that comes from outside.</summary>
internal sealed class CutCluster : IAsyncDisposable
{
    private readonly StorageRelay relay;

    private CutCluster(SiloNetwork network, StorageRelay relay, SiloCluster silos, LoadTarget target)
    {
        (Network, this.relay, Silos) = (network, relay, silos);
        Supervisor = new Supervisor(silos, target);
    }

    public SiloNetwork Network { get; }

    public SiloCluster Silos { get; }

    public Supervisor Supervisor { get; }

    /// <summary>Makes the network and starts the silos in it, runs a test, and ends both. Skips the test where networks can't be cut.</summary>
    /// <param name="azurite">The emulator.</param>
    /// <param name="target">Learns who is up.</param>
    /// <param name="settings">What the silos' environment has besides.</param>
    /// <param name="test">The test.</param>
    public static async Task RunAsync(Azurite azurite, LoadTarget target, IReadOnlyDictionary<string, string> settings, Func<CutCluster, Trial, Task> test)
    {
        await SiloNetwork.NeedAsync();
        // Before the network is there, since it may skip the test.
        var storage = azurite.ConnectionString;
        var network = await SiloNetwork.CreateAsync(3);
        var relay = new StorageRelay(storage, network.Storage);
        var silos = new SiloCluster(azurite, 3, new Dictionary<string, string>([.. Tier.Settings, .. settings]), relay.ConnectionString)
        {
            Under = network.Enter,
            Each = place => new Dictionary<string, string>
            {
                ["ROLLBOOK_ADVERTISED_ADDRESS"] = $"{network.Address(place)}",
                ["ROLLBOOK_INSECURE_I_UNDERSTAND"] = "1",
            },
        };
        for (var place = 0; place < silos.Count; place++) silos.Places[place] = silos.Places[place] with { Host = $"{network.Address(place)}" };
        await using var cluster = new CutCluster(network, relay, silos, target);
        await Trial.RunAsync(silos, silos.StartAsync, trial =>
        {
            cluster.Supervisor.Start();
            return test(cluster, trial);
        });
    }

    /// <summary>Cuts one way between two silos.</summary>
    public Task CutAsync((int From, int To) way) => Network.CutAsync(way.From, Network.Address(way.To));

    /// <summary>Heals what <see cref="CutAsync"/> cut.</summary>
    public Task HealAsync((int From, int To) way) => Network.HealAsync(way.From, Network.Address(way.To));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Supervisor.DisposeAsync();
        await Silos.DisposeAsync();
        await relay.DisposeAsync();
        await Network.DisposeAsync();
    }
}
