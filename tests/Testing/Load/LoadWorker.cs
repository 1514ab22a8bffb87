using Rollbook.Client;
using Xunit;

namespace Rollbook.Testing;

/// <summary>Records one episode after another in lockstep, now and then a few steps at once; sends again what has no answer.</summary>
internal sealed class LoadWorker(LoadTarget target, CancellationToken stopping, Action<long> acknowledged, Action<EpisodeJournal> ended, TimeSpan pause = default)
{
    /// <summary>Plays an episode to one of its endings: ended, left for the next start to supersede, or given up after an unknown outcome.</summary>
    public async Task PlayAsync(EpisodeJournal journal)
    {
        var random = new Random(StepContent.Mix(journal.Seed, journal.Worker, journal.Episode));
        var start = new EpisodeStart { Task = $"task-{journal.Worker % 8}", VariantId = "crash", Seed = journal.Seed, Writer = $"load-{journal.Seed}" };
        journal.Started = await SendAsync(journal, (turn, token) => turn.Client.StartAsync(journal.WorkerName, start, journal.IdempotencyKey, token));
        var epoch = journal.Started.WriterEpoch;
        var steps = random.Next(5, 60);
        for (var from = 0; from < steps && !stopping.IsCancellationRequested;)
        {
            var count = random.Next(8) == 0 ? Math.Min(random.Next(2, 9), steps - from) : 1;
            var lines = StepContent.Lines(journal.Seed, journal.Worker, journal.Episode, from, count);
            journal.Invoke(from, count);
            var unknownBefore = journal.Unknown;
            var next = from;
            // A worker that gives up leaves a step of which nobody knows whether it was recorded.
            var giveUp = random.Next(8) == 0;
            // Every second worker's steps travel with those of others.
            var shared = journal.Worker % 2 == 1;
            var reply = await SendAsync(
                journal,
                (turn, token) => shared
                    ? turn.Shared.AppendAsync(journal.Started.EpisodeId, next, lines, epoch)
                    : turn.Client.AppendAsync(journal.Started.EpisodeId, next, lines, epoch, token),
                once: giveUp);
            if (reply is null) return;
            Assert.True(
                reply.NextOrdinal == from + count && (reply.Duplicates == 0 || journal.Unknown > unknownBefore || reply.Duplicates <= count),
                $"Worker {journal.Worker}, episode {journal.Started.EpisodeId}: {count} steps from {from} were answered with {reply}.");
            journal.Ok(reply.NextOrdinal);
            acknowledged(count);
            from += count;
            if (pause > TimeSpan.Zero) await ThinkAsync(random);
        }

        if (stopping.IsCancellationRequested || random.Next(6) == 0) return;
        var score = random.Next(101) / 100.0;
        journal.InvokeEnd(score);
        await SendAsync(journal, (turn, token) => turn.Client.EndAsync(
            journal.Started.EpisodeId, new EpisodeEnd { NextOrdinal = journal.Acknowledged, FinalScore = score, EndCause = "submitted", WriterEpoch = epoch }, token));
        journal.OkEnd();
        ended(journal);
    }

    private async Task ThinkAsync(Random random)
    {
        try
        {
            await Task.Delay(pause * random.NextDouble(), TimeProvider.System, stopping);
        }
        catch (OperationCanceledException)
        {
            // The load is over.
        }
    }

    private async Task<T> SendAsync<T>(EpisodeJournal journal, Func<LoadTurn, CancellationToken, Task<T>> send)
        where T : class =>
        (await SendAsync(journal, send, once: false))!;

    private async Task<T?> SendAsync<T>(EpisodeJournal journal, Func<LoadTurn, CancellationToken, Task<T>> send, bool once)
        where T : class
    {
        while (true)
        {
            var turn = await target.CurrentAsync(journal.Worker);
            try
            {
                return await send(turn, turn.Over.Token);
            }
            catch (Exception error) when (turn.Over.IsCancellationRequested && error is OperationCanceledException or ObjectDisposedException)
            {
                journal.IsUnknown();
                if (once) return null;
            }
        }
    }
}
