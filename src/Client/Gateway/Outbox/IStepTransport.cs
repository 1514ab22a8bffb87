namespace Rollbook.Client;

/// <summary>Carries one batch of one episode to its owner. A transport may carry the batches of many episodes in one call.</summary>
/// <remarks>
/// An outbox has at most one batch on the way. The batch's bytes are never written again, so they may be read until the process ends.
/// The reply is the owner's own. An exception means that the outcome is unknown: the outbox sends the same batch again.
/// The returned task may complete on any thread and is awaited once. What goes on there is the outbox, which is short and never waits, and then may be the caller's own
/// code, which takes as long as it likes: a transport holds up no other batch for it.
/// </remarks>
internal interface IStepTransport
{
    /// <summary>Sends a batch.</summary>
    /// <param name="route">The episode.</param>
    /// <param name="batch">Its steps.</param>
    ValueTask<AppendReply> AppendAsync(EpisodeRoute route, AppendSteps batch);
}
