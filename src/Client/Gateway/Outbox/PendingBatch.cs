using System.Threading.Tasks.Sources;

namespace Rollbook.Client;

/// <summary>A batch that waits for the call which takes it along, and then for its answer.</summary>
/// <remarks>
/// Its outbox goes on where the answer is given, and from there whoever waited for the step goes on too: that is the caller's own code, which takes as long
/// as it likes. So the batches of one call are each answered as a work item of their own.
/// </remarks>
internal sealed class PendingBatch(EpisodeRoute route, AppendSteps steps) : IValueTaskSource<AppendReply>, IThreadPoolWorkItem
{
    private ManualResetValueTaskSourceCore<AppendReply> source;
    private IngestOutcome outcome;
    private Exception? failure;

    /// <summary>The answer; awaited once.</summary>
    public ValueTask<AppendReply> Reply => new(this, source.Version);

    /// <summary>Bytes of its steps.</summary>
    public int Bytes => steps.Steps.Bytes.Length;

    /// <summary>As it stands in the call.</summary>
    public IngestBatch Item => new(route.Key.Id, steps);

    /// <summary>What the call says of this batch. It is told by <see cref="Tell"/>, or where the work item runs.</summary>
    public void Learn(IngestOutcome said) => outcome = said;

    /// <summary>The call failed: the outcome is unknown.</summary>
    public void Learn(Exception unknown) => failure = unknown;

    /// <summary>Gives the answer. Returns when whoever waited for it has gone on as far as it goes at once.</summary>
    public void Tell()
    {
        if (failure is not null) source.SetException(failure);
        else if (outcome.Taken) source.SetResult(outcome.Reply);
        // Nothing was taken: the episode's grain has the answer.
        else _ = CallGrainAsync();
    }

    void IThreadPoolWorkItem.Execute() => Tell();

    AppendReply IValueTaskSource<AppendReply>.GetResult(short token) => source.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<AppendReply>.GetStatus(short token) => source.GetStatus(token);

    void IValueTaskSource<AppendReply>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        source.OnCompleted(continuation, state, token, flags);

    private async Task CallGrainAsync()
    {
        AppendReply reply;
        try
        {
            reply = await route.Grain.Append(steps).ConfigureAwait(false);
        }
        catch (Exception unknown)
        {
            source.SetException(unknown);
            return;
        }

        source.SetResult(reply);
    }
}
