using Rollbook.Client;

namespace Rollbook.Crash.Tests;

/// <summary>One worker that writes one step after another: each step is a chunk of its own, each acknowledgement has its own flush.</summary>
internal sealed class Lockstep(RollbookHttpClient client, EpisodeJournal journal)
{
    /// <summary>When each acknowledged step was sent and acknowledged, in Unix seconds.</summary>
    public List<(double Sent, double Acknowledged)> Steps { get; } = [];

    public EpisodeJournal Journal => journal;

    public static async Task<Lockstep> StartAsync(RollbookHttpClient client, int seed)
    {
        var journal = new EpisodeJournal(seed, 0, 0);
        journal.Started = await client.StartAsync(journal.WorkerName, new EpisodeStart { Task = "lockstep", VariantId = "disk" });
        return new Lockstep(client, journal);
    }

    /// <summary>Writes the next step.</summary>
    public async Task AppendAsync()
    {
        var ordinal = journal.Acknowledged;
        journal.Invoke(ordinal, 1);
        var sent = Now();
        var reply = await client.AppendAsync(journal.Started!.EpisodeId, ordinal, journal.Step(ordinal));
        Steps.Add((sent, Now()));
        journal.Ok(reply.NextOrdinal);
    }

    public async Task AppendAsync(int steps)
    {
        for (var i = 0; i < steps; i++) await AppendAsync();
    }

    /// <summary>Appends until a request fails, and tells how.</summary>
    public async Task<RollbookException> AppendUntilFailureAsync(int most)
    {
        try
        {
            await AppendAsync(most);
        }
        catch (RollbookException failure)
        {
            return failure;
        }

        throw new InvalidOperationException($"All of {most} appends were acknowledged, a failure was awaited.");
    }

    /// <summary>Fails unless between the sending and the acknowledgement of each step there is a good flush, begun and ended.</summary>
    public void AssertFlushed(IReadOnlyList<TracedCall> calls, int from = 0)
    {
        var good = calls.Where(call => call.Result == 0).ToList();
        for (var i = from; i < Steps.Count; i++)
        {
            var (sent, acknowledged) = Steps[i];
            Assert.True(
                good.Exists(call => call.Start >= sent - Clocks && call.End <= acknowledged + Clocks),
                $"Step {i} was sent at {sent:F6} and acknowledged at {acknowledged:F6} without a flush in between.");
        }
    }

    // strace cuts its times to microseconds.
    private const double Clocks = 5e-6;

    /// <summary>Unix seconds.</summary>
    public static double Now() => (TimeProvider.System.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalSeconds;
}
