using Rollbook.Simulation.Tests.Engine;

namespace Rollbook.Simulation.Tests.Network;

/// <summary>
/// Everything between two processes, and between a process and a store: requests and answers take their time, overtake each other, get lost, come twice,
/// and arrive after their sender has died.
/// </summary>
internal sealed class SimNetwork(World world)
{
    /// <summary>How bad it is at this moment.</summary>
    public FaultRates Rates { get; set; } = FaultRates.None;

    /// <summary>
    /// Calls <paramref name="serve"/> over the network, which runs on the world's lane unless it moves itself elsewhere.
    /// </summary>
    /// <exception cref="TimeoutException">The outcome is unknown: the request may be applied, now or later, once or twice, or never.</exception>
    public async Task<T> SendAsync<T>(Func<Task<T>> serve, double timeoutSeconds = 10)
    {
        // Nobody's continuation runs in place: lanes never inline.
        var answer = new TaskCompletionSource<T>();
        var rates = Rates;
        var copies = world.Chance(rates.Doubled) ? 2 : 1;
        if (!world.Chance(rates.LostRequest))
            for (var copy = 0; copy < copies; copy++) Deliver(rates, () => _ = ServeAsync(serve, answer, rates));
        // An answer that is later than this, or never comes.
        world.After(TimeSpan.FromSeconds(timeoutSeconds * (0.5 + world.Random.NextDouble())), () => answer.TrySetException(new TimeoutException("no answer")));
        return await answer.Task;
    }

    /// <inheritdoc cref="SendAsync{T}"/>
    public Task<T> CallAsync<T>(Func<ValueTask<T>> serve, double timeoutSeconds = 10) => SendAsync(() => serve().AsTask(), timeoutSeconds);

    /// <inheritdoc cref="SendAsync{T}"/>
    public Task CallAsync(Func<ValueTask> serve, double timeoutSeconds = 10) => SendAsync(
        async () =>
        {
            await serve();
            return true;
        },
        timeoutSeconds);

    private async Task ServeAsync<T>(Func<Task<T>> serve, TaskCompletionSource<T> answer, FaultRates rates)
    {
        // 503 or 429: not applied. 500: applied. Both look the same.
        var refusal = world.Chance(rates.Refused) ? new TimeoutException("refused") : null;
        if (refusal is not null && world.Chance(0.5))
        {
            Answer(rates, () => answer.TrySetException(refusal));
            return;
        }

        try
        {
            var result = await serve();
            if (refusal is not null) Answer(rates, () => answer.TrySetException(refusal));
            else Answer(rates, () => answer.TrySetResult(result));
        }
        catch (Exception failure)
        {
            Answer(rates, () => answer.TrySetException(failure));
        }
    }

    private void Answer(FaultRates rates, Action give)
    {
        if (!world.Chance(rates.LostAnswer)) Deliver(rates, give);
    }

    private void Deliver(FaultRates rates, Action action)
    {
        if (world.Chance(rates.VeryLate)) world.After(world.Between(1, world.Chance(0.2) ? 60 : 10), () => world.Lane.Post(action));
        else if (world.Chance(rates.Late)) world.After(world.Between(0, world.Chance(0.2) ? 0.5 : rates.Delay), () => world.Lane.Post(action));
        else world.Lane.Post(action);
    }
}
