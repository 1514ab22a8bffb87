namespace Rollbook.Client;

/// <summary>Calls that are not steps: each is repeated, the very same, until it has a final answer or the time is over.</summary>
internal sealed class GatewayTries(ClientCore core)
{
    /// <summary>Calls until there is an answer that is not open.</summary>
    /// <param name="what">What is called, the beginning of a sentence.</param>
    /// <param name="call">Sends it; a repeat must be harmless.</param>
    /// <param name="answerOf">The answer's code, and how long the recorder asks to wait.</param>
    /// <param name="cancellationToken">Ends the trying; the outcome is then unknown.</param>
    /// <exception cref="UnavailableException">No final answer in time.</exception>
    /// <exception cref="RefusedException">The API key or token is not accepted (a provider's token: is tried again), or may not do that.</exception>
    public async Task<T> CallAsync<T>(
        string what, Func<ValueTask<T>> call, Func<T, (RollbookCode Code, double RetryAfterSeconds)> answerOf, CancellationToken cancellationToken)
    {
        long? firstFailure = null;
        for (var failures = 1; ; failures++)
        {
            Exception? failure = null;
            var wait = 0.0;
            try
            {
                var reply = await call().AsTask().WaitAsync(cancellationToken).ConfigureAwait(false);
                (var code, wait) = answerOf(reply);
                if (!Refusal.IsOpen(code)) return reply;
            }
            catch (AccessDeniedException denied) when (core.IsFinal(denied))
            {
                throw new RefusedException(denied.Code, $"{what} was refused: {denied.Message}");
            }
            catch (Exception error) when (error is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
            {
                // Whatever it is, the outcome is unknown: that is the grains' contract.
                failure = error;
            }

            firstFailure ??= core.Time.GetTimestamp();
            var waited = core.Time.GetElapsedTime(firstFailure.Value);
            var left = core.Options.GiveUpAfter - waited;
            if (left <= TimeSpan.Zero) throw NoAnswer(what, waited, failure);
            var pause = core.Pauses.After(failures);
            if (pause.TotalSeconds < wait) pause = TimeSpan.FromSeconds(wait);
            await Task.Delay(pause < left ? pause : left, core.Time, cancellationToken).ConfigureAwait(false);
        }
    }

    private static UnavailableException NoAnswer(string what, TimeSpan waited, Exception? failure) => new(
        $"{what} has an unknown outcome: the recorder gave no final answer for {waited.TotalSeconds:0.#} s ("
        + (failure?.Message.TrimEnd('.') ?? "it is busy, or the owner is moving") + "). The same call again is harmless.",
        waited,
        failure);
}
