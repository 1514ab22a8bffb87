using System.Globalization;
using System.Text;

namespace Rollbook.Silo.Tests.Archive;

/// <summary>Workers that record one short episode after another over HTTP, and the log of what they sent and what was acknowledged.</summary>
internal sealed class MovingLoad(SiloServer server, int workers)
{
    /// <summary>How many tasks the episodes are of.</summary>
    public const int Tasks = 3;

    private readonly Lock gate = new();
    private readonly Dictionary<string, Noted> episodes = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim allowed = new(0);
    private volatile bool stopping;
    private Task running = Task.CompletedTask;

    /// <summary>One episode as the load knows it at one moment.</summary>
    /// <param name="Task">Its task.</param>
    /// <param name="Sent">Steps that were sent.</param>
    /// <param name="Acknowledged">Steps that were acknowledged.</param>
    /// <param name="EndSent">Whether its end was sent.</param>
    /// <param name="Ended">Whether its end was acknowledged.</param>
    /// <param name="Score">The score that its end has.</param>
    public sealed record Noted(string Task, int Sent, int Acknowledged, bool EndSent, bool Ended, double Score);

    /// <summary>The reward of a step: sums of such are exact, in any order.</summary>
    public static double Reward(int ordinal) => (ordinal + 1) / 4.0;

    /// <summary>The sum of the first rewards.</summary>
    public static double Rewards(long steps) => steps * (steps + 1) / 8.0;

    public void Start() => running = Task.WhenAll(Enumerable.Range(0, workers).Select(worker => Task.Run(() => WorkAsync(worker))));

    /// <summary>Lets the workers record so many more episodes.</summary>
    public void Allow(int more) => allowed.Release(more);

    /// <summary>What is known at this moment.</summary>
    public Dictionary<string, Noted> Snapshot()
    {
        lock (gate) return new Dictionary<string, Noted>(episodes, StringComparer.Ordinal);
    }

    public async Task StopAsync()
    {
        stopping = true;
        allowed.Release(workers);
        await running.WaitAsync(TimeSpan.FromSeconds(120), TimeProvider.System);
    }

    private async Task WorkAsync(int worker)
    {
        var random = new Random(worker);
        while (true)
        {
            await allowed.WaitAsync();
            if (stopping) return;
            var task = $"task-{worker % Tasks}";
            var id = await server.BeginAsync($"moving.{worker}", $$"""{"task":"{{task}}","variant_id":"v"}""");
            Note(id, new Noted(task, 0, 0, false, false, 0));
            var steps = random.Next(1, 20);
            for (var from = 0; from < steps;)
            {
                var count = Math.Min(random.Next(1, 5), steps - from);
                Change(id, e => e with { Sent = from + count });
                Answered(200, await server.AppendAsync(id, from, Lines(from, count), "application/x-ndjson"));
                from += count;
                Change(id, e => e with { Acknowledged = from });
            }

            var score = random.Next(5) / 4.0;
            Change(id, e => e with { EndSent = true, Score = score });
            Answered(200, await server.PostAsync($"/v1/episodes/{id}/end", string.Create(CultureInfo.InvariantCulture, $$"""{"final_score":{{score}},"next_ordinal":{{steps}}}""")));
            Change(id, static e => e with { Ended = true });
        }
    }

    private static string Lines(int from, int count)
    {
        var lines = new StringBuilder();
        for (var ordinal = from; ordinal < from + count; ordinal++)
            lines.Append(CultureInfo.InvariantCulture, $$"""{"action_type":"run","reward":{{Reward(ordinal)}}}""").Append('\n');
        return lines.ToString();
    }

    private static void Answered(int expected, (int Status, System.Text.Json.Nodes.JsonNode? Json) answer) =>
        Assert.True(answer.Status == expected, $"{answer.Status}: {answer.Json}");

    private void Note(string id, Noted episode)
    {
        lock (gate) episodes[id] = episode;
    }

    private void Change(string id, Func<Noted, Noted> change)
    {
        lock (gate) episodes[id] = change(episodes[id]);
    }
}
