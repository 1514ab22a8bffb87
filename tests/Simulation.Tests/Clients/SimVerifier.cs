using Rollbook.Simulation.Tests.Engine;

namespace Rollbook.Simulation.Tests.Clients;

/// <summary>Who scores and labels one episode, while it runs and after its end: repeats until the outcome is known, other bodies under a used id, bursts.</summary>
internal sealed class SimVerifier(World world, EpisodeClient client, string name)
{
    private readonly List<ScoreEvent> made = [];

    public async Task RunAsync(int calls)
    {
        for (var call = 0; call < calls; call++)
        {
            switch (world.Random.Next(10))
            {
                case < 5:
                    await ScoreUntilKnownAsync([.. Enumerable.Range(0, world.Random.Next(1, 4)).Select(_ => Make())]);
                    break;
                case 5 or 6 when made.Count > 0:
                    await ScoreUntilKnownAsync([world.Pick(made)]);
                    break;
                case 7 when made.Count > 0:
                    // Another body: it is refused, or takes the place of one that never arrived.
                    await client.ScoreAsync([world.Pick(made) with { Value = 1000 + world.Random.Next(3) }]);
                    break;
                case 8:
                    await LabelUntilKnownAsync(call);
                    break;
                default:
                    await client.PauseAsync(2);
                    break;
            }
        }
    }

    private ScoreEvent Make()
    {
        var score = new ScoreEvent
        {
            EventId = $"{name}-{made.Count}",
            Name = world.Chance(0.7) ? ScoreEvent.Final : "style",
            Value = world.Chance(0.9) ? world.Random.Next(100) : null,
            Source = name,
            Rationale = world.Chance(0.1) ? new string('r', world.Random.Next(2000)) : null,
            Time = world.Random.Next(1_000_000),
        };
        made.Add(score);
        return score;
    }

    private async Task ScoreUntilKnownAsync(List<ScoreEvent> scores)
    {
        while (scores.Count > 0)
        {
            var replies = await client.ScoreAsync(scores);
            if (replies is not null) scores = [.. scores.Where((_, i) => replies[i].Code is not (RollbookCode.Ok or RollbookCode.ScoreConflict))];
            if (scores.Count > 0) await client.PauseAsync(0.5);
        }
    }

    private async Task LabelUntilKnownAsync(int call)
    {
        var labels = new LabelEvent { EventId = $"{name}-label-{call}", Add = [$"{name}-{call}"], Remove = ["never set"] };
        while (await client.LabelAsync(labels) is not { Code: RollbookCode.Ok }) await client.PauseAsync(0.5);
    }
}
