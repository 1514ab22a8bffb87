using System.Collections.Concurrent;

namespace Rollbook.Client;

/// <summary>Signs of life of all open episodes of a client, by one timer: a long tool call is not silence.</summary>
internal sealed class Heartbeats : IAsyncDisposable
{
    // Enough to be through with 10,000 episodes in a second, and few enough to be no burst.
    private const int AtOnce = 128;

    // How long a sign of life may keep others waiting: one owner that hangs must not make the episodes of the others silent.
    private static readonly TimeSpan LongestTurn = TimeSpan.FromMilliseconds(250);

    // Weakly: an episode whose logger was dropped without a word is silent, and ends as lost in time.
    private readonly ConcurrentDictionary<EpisodeWriter, WeakReference> writers = new();
    private readonly TimeProvider time;
    private readonly PeriodicTimer timer;
    private readonly Task loop;

    public Heartbeats(ClientCore core)
    {
        time = core.Time;
        timer = new PeriodicTimer(core.Options.HeartbeatEvery, core.Time);
        loop = BeatAsync();
    }

    /// <summary>The episodes that loggers write now.</summary>
    public ICollection<EpisodeWriter> Writers => writers.Keys;

    /// <summary>Shows it alive from now on.</summary>
    public void Add(EpisodeWriter writer, TrajectoryLogger owner) => writers[writer] = new WeakReference(owner);

    /// <summary>No more.</summary>
    public void Remove(EpisodeWriter writer) => writers.TryRemove(writer, out _);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        timer.Dispose();
        await loop.ConfigureAwait(false);
    }

    private async Task BeatAsync()
    {
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = AtOnce };
        while (await timer.WaitForNextTickAsync().ConfigureAwait(false))
        {
            await Parallel.ForEachAsync(writers, parallel, async (entry, _) =>
            {
                if (!entry.Value.IsAlive)
                {
                    Remove(entry.Key);
                    return;
                }

                try
                {
                    await entry.Key.BeatAsync().WaitAsync(LongestTurn, time, CancellationToken.None).ConfigureAwait(false);
                }
                catch (TimeoutException)
                {
                    // It goes on, and the writer shows no second sign until it is over.
                }
            }).ConfigureAwait(false);
        }
    }
}
