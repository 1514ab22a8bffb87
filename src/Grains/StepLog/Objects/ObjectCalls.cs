namespace Rollbook.StepLog;

/// <summary>Makes a call to an object store again until it has an answer, with pauses that grow and differ.</summary>
/// <param name="options">For how long.</param>
/// <param name="time">Measures it.</param>
/// <param name="seed">Of the pauses: many silos that lost the same store must not come back at the same moment.</param>
internal sealed class ObjectCalls(ObjectStepLogOptions options, TimeProvider time, int seed)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    private readonly Random random = new(seed);
    private readonly TimeSpan patience = TimeSpan.FromSeconds(options.RepeatSeconds);
    private readonly TimeSpan oneTry = TimeSpan.FromSeconds(options.TrySeconds);

    /// <summary>Calls until there is an answer.</summary>
    /// <param name="what">The call, for the message.</param>
    /// <param name="call">May throw <see cref="TimeoutException"/>, after which it is made again.</param>
    /// <param name="cancellation">Ends the attempts.</param>
    /// <exception cref="TimeoutException">None came in time: the outcome is unknown.</exception>
    public async ValueTask<T> UntilAnsweredAsync<T>(string what, Func<CancellationToken, ValueTask<T>> call, CancellationToken cancellation)
    {
        var began = time.GetTimestamp();
        for (var tries = 0; ; tries++)
        {
            Exception? failure;
            using (var late = new CancellationTokenSource(oneTry, time))
            using (var either = cancellation.CanBeCanceled ? CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellation) : null)
            {
                try
                {
                    return await call((either ?? late).Token);
                }
                catch (TimeoutException unanswered)
                {
                    failure = unanswered;
                }
                catch (OperationCanceledException slow) when (late.IsCancellationRequested && !cancellation.IsCancellationRequested)
                {
                    failure = slow;
                }
            }

            var pause = Pause(tries);
            if (time.GetElapsedTime(began) + pause >= patience)
                throw new TimeoutException($"The object store did not answer ({what}) for {options.RepeatSeconds} seconds: the outcome is unknown.", failure);
            await Task.Delay(pause, time, cancellation);
        }
    }

    private TimeSpan Pause(int tries)
    {
        var most = Math.Min(FirstPause.TotalSeconds * Math.Pow(2, tries), LongestPause.TotalSeconds);
        lock (random) return TimeSpan.FromSeconds(most * (0.5 + (0.5 * random.NextDouble())));
    }
}
