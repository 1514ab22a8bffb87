namespace Rollbook.Kill.Tests;

/// <summary>What a cluster asked of its storage, by the places where it lies.</summary>
internal sealed class StorageTally
{
    private const string Account = "/devstoreaccount1/";

    public StorageTally(IEnumerable<(string Method, string Target)> requests, SiloCluster cluster)
    {
        foreach (var (method, target) in requests)
        {
            if (target.StartsWith(Account + cluster.Tables.HeaderTable, StringComparison.Ordinal)) Headers++;
            else if (target.StartsWith(Account + cluster.Tables.GrainStateTable, StringComparison.Ordinal)) States++;
            else if (target.StartsWith(Account + cluster.Containers.LogContainer + "/wal/", StringComparison.Ordinal)) Log(method, target);
            else if (target.StartsWith(Account + cluster.Containers.LogContainer, StringComparison.Ordinal)) OtherLog++;
            else if (target.StartsWith(Account + cluster.Containers.ArchiveContainer, StringComparison.Ordinal)) Archive++;
            else OtherTables++;
        }
    }

    /// <summary>Operations on the table of headers.</summary>
    public int Headers { get; private set; }

    /// <summary>Operations on the table of grains' states.</summary>
    public int States { get; private set; }

    /// <summary>Operations on membership and registry.</summary>
    public int OtherTables { get; private set; }

    /// <summary>Listings of the log's container, and operations on its indexes.</summary>
    public int OtherLog { get; private set; }

    /// <summary>Operations on the archive's container.</summary>
    public int Archive { get; private set; }

    /// <summary>Chunks written.</summary>
    public int Writes { get; private set; }

    /// <summary>How often each chunk was read, by its name.</summary>
    public Dictionary<string, int> Reads { get; } = [];

    /// <summary>How often each chunk of one log was read.</summary>
    public IReadOnlyCollection<int> ReadsOf(string log) => [.. Reads.Where(read => read.Key.Contains($"/{log}/", StringComparison.Ordinal)).Select(static read => read.Value)];

    private void Log(string method, string target)
    {
        if (method == "PUT") Writes++;
        else Reads[target] = Reads.GetValueOrDefault(target) + 1;
    }
}
