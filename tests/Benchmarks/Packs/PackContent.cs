using Rollbook.Archive;
using Rollbook.Cli;
using Rollbook.StepLog;

namespace Rollbook.Benchmarks;

/// <summary>Steps as <c>rollbook bench</c> records them, encoded and in the order in which they are packed.</summary>
internal sealed class PackContent
{
    private const int EpisodeSteps = 100;
    private const long Start = 1_763_890_000_000_000;

    private readonly List<PackedStep> _steps = [];

    /// <param name="steps">How many.</param>
    /// <param name="variety">How many different ones the generator has; the same one comes again after so many.</param>
    public PackContent(int steps, int variety)
    {
        var pool = new StepPool(1, variety);
        var log = new LogId((UInt128)0x019AB12C << 96);
        for (var i = 0; i < steps; i++)
        {
            var (episode, ordinal) = (i / EpisodeSteps, i % EpisodeSteps);
            // Steps of many episodes share a chunk; received in turns, with the jitter of a network.
            var received = Start + (ordinal * 5_000_000L) + (episode * 1_733 % 5_000_000) + (i * 7919L % 90_000);
            var entry = StepBatch.Encode(pool.ToArray(episode, ordinal), ndjson: false, received).Bytes;
            Bytes += entry.Length;
            _steps.Add(new PackedStep(
                new EpisodeId(((UInt128)0x019AB12C << 96) + ((UInt128)(uint)(episode * 2654435761L) << 32) + (UInt128)episode), ordinal, 1, log, (ordinal * 40) + (episode % 40), episode % 700, entry));
        }

        _steps.Sort(static (a, b) => (a.Episode, a.Ordinal).CompareTo((b.Episode, b.Ordinal)));
    }

    public IReadOnlyList<PackedStep> Steps => _steps;

    /// <summary>Bytes of all entries.</summary>
    public long Bytes { get; }
}
