using System.Diagnostics;
using System.Globalization;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Rollbook.Testing;

namespace Rollbook.Benchmarks;

/// <summary>The processor time of all silos of a cluster, and the chunks that they write.</summary>
internal sealed class ClusterMeter(SiloCluster cluster, string storage)
{
    private readonly BlobContainerClient log = new(storage, cluster.Containers.LogContainer);

    /// <summary>What steps cost.</summary>
    /// <param name="round">Sends them and returns how many they were.</param>
    public async Task<ClusterCost> CostAsync(Func<Task<int>> round)
    {
        var (chunks, began, before) = (await ChunksAsync(), TimeProvider.System.GetTimestamp(), Processor());
        var steps = await round();
        var (took, used) = (TimeProvider.System.GetElapsedTime(began), Processor() - before);
        return new ClusterCost(steps, took, used, await ChunksAsync() - chunks);
    }

    /// <summary>Processor seconds a second of all silos while nothing is asked of them.</summary>
    public async Task<double> IdleAsync(TimeSpan length)
    {
        // What follows the last steps: packing, and connections that are not needed any more.
        await Task.Delay(length, TimeProvider.System);
        var (began, before) = (TimeProvider.System.GetTimestamp(), Processor());
        await Task.Delay(length, TimeProvider.System);
        return (Processor() - before) / TimeProvider.System.GetElapsedTime(began);
    }

    private TimeSpan Processor()
    {
        var sum = TimeSpan.Zero;
        for (var place = 0; place < cluster.Count; place++)
        {
            using var process = Process.GetProcessById(cluster[place].Id);
            sum += process.TotalProcessorTime;
        }

        return sum;
    }

    // By the numbers, which end each name: what is packed is freed from below.
    private async Task<int> ChunksAsync()
    {
        var ends = new Dictionary<string, int>();
        await foreach (var blob in log.GetBlobsAsync(new GetBlobsOptions { Prefix = "wal/" }, CancellationToken.None))
        {
            var slash = blob.Name.LastIndexOf('/');
            ends[blob.Name[..slash]] = int.Parse(blob.Name.AsSpan(slash + 1), CultureInfo.InvariantCulture) + 1;
        }

        return ends.Values.Sum();
    }
}
