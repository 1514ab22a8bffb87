using Azure;

namespace Rollbook.Azure;

/// <summary>
/// A conditional write whose outcome is told truly. Where no answer came, the same write is sent again: it can apply only once, for its condition holds only once. A refusal after such a
/// doubt may be the answer to one's own success, so the row is read back, and the nonce in it decides.
/// </summary>
internal static class ConditionalWrite
{
    private const int Attempts = 3;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    /// <summary>Runs it.</summary>
    /// <param name="send">Sends it once, with a condition that its own success makes untrue; the new version.</param>
    /// <param name="readBack">The stored version where it is this very write's, by its nonce; else null.</param>
    /// <param name="time">For the pauses.</param>
    /// <param name="cancellation">After it, the outcome is unknown.</param>
    /// <returns>The new version, or null for a lost race. An exception means that the outcome is unknown.</returns>
    public static async ValueTask<ETag?> RunAsync(Func<Task<ETag>> send, Func<Task<ETag?>> readBack, TimeProvider time, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var doubtful = false;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await send();
            }
            catch (RequestFailedException e) when (TableErrors.IsConflict(e) || TableErrors.IsMissing(e))
            {
                return doubtful ? await readBack() : null;
            }
            catch (Exception e) when (TableErrors.IsDoubtful(e) && !cancellation.IsCancellationRequested)
            {
                doubtful = true;
                if (attempt == Attempts)
                {
                    // It may still be on its way: "not there" is no answer.
                    if (await readBack() is { } applied) return applied;
                    throw;
                }
            }

            await Task.Delay(Pause * attempt, time, cancellation);
        }
    }
}
