namespace Rollbook.Client;

/// <summary>One grain call a batch.</summary>
internal sealed class GrainStepTransport : IStepTransport
{
    /// <inheritdoc/>
    public ValueTask<AppendReply> AppendAsync(EpisodeRoute route, AppendSteps batch) => route.Grain.Append(batch);
}
