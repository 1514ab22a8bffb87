using Rollbook.Client;
using Xunit;

namespace Rollbook.Testing;

/// <summary>Workers that each record one episode by the C# client, in lockstep and now and then several steps at once, for as long as the load lasts.</summary>
/// <param name="seed">Decides all contents.</param>
/// <param name="workers">How many write at once.</param>
/// <param name="client">Their client.</param>
/// <param name="pause">How long a worker thinks between two turns, half of it on the average; default: not at all.</param>
internal sealed class GatewayLoad(int seed, int workers, RollbookClient client, TimeSpan pause = default)
{
    private static readonly TimeSpan LongestStop = TimeSpan.FromSeconds(120);
    private readonly CancellationTokenSource stopping = new();
    private readonly StepCount acknowledged = new();
    private Task[] working = [];

    /// <summary>Each worker's episode and how many of its steps were acknowledged.</summary>
    public (EpisodeId Id, long Acknowledged)[] Episodes { get; } = new (EpisodeId, long)[workers];

    /// <summary>Steps acknowledged so far.</summary>
    public long Acknowledged => acknowledged.Value;

    /// <summary>A worker's name.</summary>
    public static string NameOf(int worker) => $"kept.{worker}";

    public void Start() => working = [.. Enumerable.Range(0, workers).Select(worker => Task.Run(() => WorkAsync(worker)))];

    /// <summary>Completes when so many more steps are acknowledged.</summary>
    public Task MoreAsync(long steps) => acknowledged.MoreAsync(steps, working);

    /// <summary>Lets each worker end its episode.</summary>
    public async Task StopAsync()
    {
        await stopping.CancelAsync();
        await Task.WhenAll(working).WithinAsync(LongestStop, () => $"{working.Count(static worker => !worker.IsCompleted)} workers at the gateway did not end their episodes");
    }

    private async Task WorkAsync(int worker)
    {
        var random = new Random(StepContent.Mix(seed, worker));
        await using var log = client.CreateLogger(NameOf(worker));
        Episodes[worker].Id = await log.StartEpisodeAsync($"task-{worker % 8}", "crash");
        for (var from = 0L; !stopping.IsCancellationRequested;)
        {
            var count = random.Next(8) == 0 ? random.Next(2, 9) : 1;
            // Nobody catches anything here: a restart of the recorder is no matter of the worker's.
            var calls = new Task<long>[count];
            for (var i = 0; i < count; i++) calls[i] = log.RecordAsync(StepContent.Json(seed, worker, 0, from + i)).AsTask();
            foreach (var call in calls) Assert.Equal(from++, await call);
            Episodes[worker].Acknowledged = from;
            acknowledged.Add(count);
            if (pause > TimeSpan.Zero) await Task.Delay(pause * random.NextDouble(), TimeProvider.System);
        }

        await log.EndEpisodeAsync(worker / 100.0, "submitted");
    }
}
