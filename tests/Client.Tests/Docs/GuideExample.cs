using Rollbook;
using Rollbook.Client;

namespace Rollbook.Client.Tests.Docs;

/// <summary>The program of docs/csharp-client.md, line by line: <see cref="GuideTests"/> holds the two together and runs it.</summary>
internal static class GuideExample
{
    public static async Task RunAsync(string[] args)
    {
        // guide: begin
        await using var client = await RollbookClient.ConnectAsync(args.Length > 0 ? args[0] : "127.0.0.1:30000");
        await using var log = client.CreateLogger("worker-0");

        var id = await log.StartEpisodeAsync("fix-bug-17", "v3");
        var tail = Task.Run(async () =>
        {
            await foreach (var live in client.TailAsync(id))
            {
                if (live.Step is { } seen) Console.WriteLine($"{seen.Ordinal}: {seen.Step.ActionType} {seen.Step.Reward}");
                if (live.Ended is { } ended) Console.WriteLine($"{ended.Status}: {ended.EndCause}");
            }
        });

        // Awaited one by one, each is durable before the next; started together, they share a call.
        await log.RecordStepAsync(new Step { ActionType = "read_file", ActionPath = "a.py", Reward = 0.1 });
        var edit = log.RecordStepAsync(new Step { ActionType = "write_file", ActionPath = "a.py", FileDiff = new FileDiff("a.py", "x = 0", "x = 1", 1) });
        var test = log.RecordStepAsync(new Step { ActionType = "run_tests", Reward = 0.65, TestPassRate = 1, Observation = JsonValue.Of(new { passed = 12 }) });
        await edit;
        await test;
        await log.EndEpisodeAsync(finalScore: 0.75, endCause: "submitted");
        await tail;

        // Somebody judges it later; the event's id makes a repeat harmless.
        await client.ScoreAsync(id, new EpisodeScore { EventId = $"verifier:{id}", Name = "final", Value = 1, Source = "unit-tests" });
        await client.LabelAsync(id, new LabelChange { EventId = $"reviewer:{id}", Add = ["golden"] });

        var record = (await client.ReadEpisodeAsync(id)).Record;
        Console.WriteLine($"{record.StepCount} steps, score {record.FinalScore}, {string.Join(", ", record.Labels)}");
        await foreach (var step in client.ReadStepsAsync(id, from: 1)) Console.WriteLine(step);
        // guide: end
    }
}
