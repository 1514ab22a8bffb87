using System.Threading.Tasks.Sources;

namespace Rollbook.Client;

/// <summary>A batch that waits for the call which takes it along, and then for its answer.</summary>
internal sealed class PendingBatch(EpisodeRoute route, AppendSteps steps) : IValueTaskSource<AppendReply>
{
    // The continuation runs where the answer came: an outbox's is short and never waits.
    private ManualResetValueTaskSourceCore<AppendReply> source;

    /// <summary>The answer; awaited once.</summary>
    public ValueTask<AppendReply> Reply => new(this, source.Version);

    /// <summary>Bytes of its steps.</summary>
    public int Bytes => steps.Steps.Bytes.Length;

    /// <summary>As it stands in the call.</summary>
    public IngestBatch Item => new(route.Key.Id, steps);

    /// <summary>The answer is there.</summary>
    public void Complete(AppendReply reply) => source.SetResult(reply);

    /// <summary>The outcome is unknown.</summary>
    public void Fail(Exception failure) => source.SetException(failure);

    /// <summary>Nothing was taken: the episode's grain has the answer.</summary>
    public void CallGrain() => _ = CallGrainAsync();

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
        catch (Exception failure)
        {
            Fail(failure);
            return;
        }

        Complete(reply);
    }
}
