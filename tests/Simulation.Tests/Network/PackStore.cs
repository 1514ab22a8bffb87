using Rollbook.StepLog;

namespace Rollbook.Simulation.Tests.Network;

/// <summary>What a model archiver has packed: whole chunks, durable at once, read before the log.</summary>
internal sealed class PackStore
{
    private readonly Dictionary<(LogId Log, long Number), byte[]> packs = [];

    public void Add(LogId log, long number, byte[] headerAndFrames) => packs[(log, number)] = headerAndFrames;

    public byte[]? Find(LogId log, long number) => packs.GetValueOrDefault((log, number));
}
