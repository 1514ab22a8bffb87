using System.Diagnostics;
using Rollbook.StepLog;

namespace Rollbook.Episodes;

/// <summary>Batches of several episodes that take their turns at the same time; who started them waits once for all of the turns.</summary>
internal sealed class AppendRound(int count)
{
    private readonly Task?[] commits = new Task?[count];
    private readonly TaskCompletionSource taken = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int left = count;

    /// <summary>Completes when every batch had its turn. Never fails.</summary>
    public Task Taken => taken.Task;

    /// <summary>The commit of a batch that was taken; null where the episode's grain must be called.</summary>
    public Task? Commit(int index) => commits[index];

    /// <summary>Queues a batch's turn; without an activation the batch is passed over.</summary>
    public void Start(int index, ActiveEpisode? episode, AppendSteps request)
    {
        if (episode is null) Done();
        else episode.Queue(Turn.Run, new Turn(this, index, episode.Owner, request));
    }

    private void Done()
    {
        if (Interlocked.Decrement(ref left) == 0) taken.SetResult();
    }

    private sealed class Turn(AppendRound round, int index, EpisodeOwner owner, AppendSteps request)
    {
        // A turn has none of its caller's context: what is traced goes with it.
        private readonly Activity? caller = StepTrace.Recorded;

        public static readonly Action<object?> Run = static turn => ((Turn)turn!).Take();

        private void Take()
        {
            using var span = StepTrace.Turn(caller);
            try
            {
                round.commits[index] = owner.TryAppend(request);
            }
            finally
            {
                round.Done();
            }
        }
    }
}
