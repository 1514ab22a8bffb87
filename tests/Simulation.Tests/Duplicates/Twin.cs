using Rollbook.Episodes;

namespace Rollbook.Simulation.Tests.Duplicates;

/// <summary>One silo's activation of an episode, in turns like a grain's, and made anew when it was deposed.</summary>
internal sealed class Twin(EpisodeKey key, RecorderCore core)
{
    private readonly TaskScheduler turns = new ConcurrentExclusiveSchedulerPair().ExclusiveScheduler;
    private EpisodeOwner? owner;

    /// <summary>Activations that lost their episode and went.</summary>
    public int Deposed { get; private set; }

    public Task<T> CallAsync<T>(Func<EpisodeOwner, Task<T>> call) => Task.Factory.StartNew(
        async () =>
        {
            if (owner is { Deposed: true })
            {
                Deposed++;
                owner.Leave();
                owner = null;
            }

            return await call(owner ??= new EpisodeOwner(key, core, static _ => { }, static () => { }));
        },
        CancellationToken.None, TaskCreationOptions.None, turns).Unwrap();
}
