using System.Globalization;
using Microsoft.Extensions.Time.Testing;
using Rollbook.Testing;

namespace Rollbook.Client.Tests.Gateway.Faults;

/// <summary>A few episodes written at once over a faulty network: bursts, cancelled waits, outboxes that are full, and what each call was told.</summary>
internal sealed class FaultyRun
{
    private const int Episodes = 5;
    private const int Steps = 60;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);
    private readonly int seed;
    private readonly FakeTimeProvider time = new();
    private readonly ClientCore core;

    public FaultyRun(int seed)
    {
        this.seed = seed;
        Recorder = new FaultyRecorder(seed);
        // Every second run without the calls that batches share.
        IStepTransport transport = seed % 2 == 0 ? new GrainStepTransport() : new ManyEpisodesTransport(Recorder.Ingest(), "p", time);
        var options = new RollbookClientOptions
        {
            GiveUpAfter = TimeSpan.FromSeconds(2),
            JitterSeed = seed,
            // Some steps have about 100 bytes: several batches wait, and now and then there is no room.
            MaxBatchBytes = 500,
            MaxLoggerBytes = 1_500,
            MaxClientBytes = 4_000,
        };
        core = new ClientCore(null!, transport, options, time);
    }

    public FaultyRecorder Recorder { get; }

    /// <summary>What the calls were told, by the name of the exception.</summary>
    public Dictionary<string, int> Told { get; } = [];

    /// <summary>Writes, and compares what is recorded with what was taken.</summary>
    public async Task RunAsync()
    {
        var writers = Enumerable.Range(1, Episodes).Select(WriteAsync).ToList();
        var all = Task.WhenAll(writers);
        var since = TimeProvider.System.GetTimestamp();
        while (!all.IsCompleted)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(since) < Patience, $"Seed {seed}: the writers did not come to their ends.");
            // Time goes on while something happens; where nothing can, it goes on to the next try.
            time.Advance(TimeSpan.FromMilliseconds(Recorder.Step() ? 1 : 10));
            await Task.Yield();
        }

        await all;
        // What the network still holds changes nothing any more.
        while (Recorder.Step())
        {
        }

        for (var i = 0; i < Episodes; i++)
        {
            var expected = TestSteps.Lines(TestSteps.Of([.. writers[i].Result]));
            Assert.True(expected.SequenceEqual(Recorder.Recorded(IdOf(i + 1))), $"Seed {seed}, episode {i + 1}: {expected.Count} steps were taken, recorded are {Recorder.Recorded(IdOf(i + 1)).Count} or others.");
        }

        Assert.Equal(0, core.Budget.Used);
    }

    // Gives what the outbox took, in order.
    private async Task<List<string>> WriteAsync(int episode)
    {
        var random = new Random((seed * 31) + episode);
        var id = IdOf(episode);
        var outbox = new EpisodeOutbox(core, new EpisodeRoute(new EpisodeKey("p", id), Recorder.Episode(id)), 0, 1);
        List<string> taken = [];
        for (var number = 0; number < Steps;)
        {
            List<(string[] Texts, Task<long> Call)> burst = [];
            for (var i = random.Next(1, 5); i > 0; i--)
            {
                var texts = new string[random.Next(1, 4)];
                for (var j = 0; j < texts.Length; j++) texts[j] = string.Create(CultureInfo.InvariantCulture, $"{episode}-{number++}");
                using var going = new CancellationTokenSource();
                if (random.Next(10) == 0) await going.CancelAsync();
                burst.Add((texts, Add(outbox, texts, random.Next(3) == 0 ? going.Token : CancellationToken.None)));
                if (random.Next(5) == 0) await going.CancelAsync();
            }

            foreach (var (texts, call) in burst)
            {
                if (!await IsTakenAsync(call, taken.Count, texts.Length, id)) continue;
                taken.AddRange(texts);
            }
        }

        Recorder.IsCalm = random.Next(2) == 0 || Recorder.IsCalm;
        while (!await IsFlushedAsync(outbox))
        {
        }

        Assert.Equal((taken.Count, 0L), ((int)outbox.NextOrdinal, outbox.Bytes));
        return taken;
    }

    private async Task<bool> IsTakenAsync(Task<long> call, int ordinal, int count, EpisodeId id)
    {
        try
        {
            Assert.Equal(ordinal, await call);
            // Acknowledged: it is there now, and so is everything before it.
            Assert.True(Recorder.Recorded(id).Count >= ordinal + count, $"Seed {seed}: step {ordinal + count - 1} was acknowledged, {Recorder.Recorded(id).Count} are recorded.");
            Tell("ok");
            return true;
        }
        catch (RecordCanceledException cancelled)
        {
            Tell(cancelled.IsTaken ? "cancelled, taken" : "cancelled, not taken");
            return cancelled.IsTaken;
        }
        catch (UnavailableException)
        {
            Tell("unavailable");
            return true;
        }
        catch (OutboxFullException)
        {
            Tell("full");
            return false;
        }
    }

    private static async Task<bool> IsFlushedAsync(EpisodeOutbox outbox)
    {
        try
        {
            await outbox.FlushAsync(CancellationToken.None);
            return true;
        }
        catch (UnavailableException)
        {
            return false;
        }
    }

    private static Task<long> Add(EpisodeOutbox outbox, string[] texts, CancellationToken cancellation)
    {
        var steps = TestSteps.Of(texts);
        return outbox.AddAsync(new EncodedSpan(steps.Count, steps.Bytes.Span), cancellation).AsTask();
    }

    private void Tell(string what)
    {
        lock (Told) Told[what] = Told.GetValueOrDefault(what) + 1;
    }

    private static EpisodeId IdOf(int episode) => new((UInt128)(uint)episode);
}
