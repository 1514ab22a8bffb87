using Rollbook.Client;

namespace Rollbook.Kill.Tests;

/// <summary>An episode of a test's own, at a known silo, and everything that was acknowledged in it.</summary>
internal sealed class ProbedEpisode(EpisodeJournal journal)
{
    private const int Seed = 900;
    private const int Tries = 50;
    private static int workers;

    public string Id => journal.Started!.EpisodeId;

    public long WriterEpoch => journal.Started!.WriterEpoch;

    public EpisodeKey Key => new(EpisodeKey.DefaultProject, EpisodeId.Parse(Id));

    /// <summary>The next ordinal as far as anybody was told.</summary>
    public long Next => journal.Acknowledged;

    public EpisodeJournal Journal => journal;

    /// <summary>Begins episodes at a silo until one is placed there, and records some steps in it.</summary>
    public static async Task<ProbedEpisode> BeginAsync(SiloCluster cluster, int place, int steps)
    {
        using var client = cluster[place].Client(TimeSpan.FromSeconds(120));
        for (var left = Tries; left > 0; left--)
        {
            var journal = new EpisodeJournal(Seed, Interlocked.Increment(ref workers), 0);
            journal.Started = await client.StartAsync(journal.WorkerName, new EpisodeStart { Task = "probe", VariantId = "kill", Writer = "probe" });
            var episode = new ProbedEpisode(journal);
            await episode.AppendAsync(client, steps);
            if (await cluster.OwnerAsync(episode.Id) == place) return episode;
        }

        throw new InvalidOperationException($"{Tries} episodes were begun at place {place}, and none stayed there.");
    }

    /// <summary>Records the next steps.</summary>
    public async Task AppendAsync(RollbookHttpClient client, int steps)
    {
        var from = journal.Acknowledged;
        journal.Invoke(from, steps);
        var reply = await client.AppendAsync(Id, from, StepContent.Lines(journal.Seed, journal.Worker, journal.Episode, from, steps), WriterEpoch);
        Assert.Equal(from + steps, reply.NextOrdinal);
        journal.Ok(reply.NextOrdinal);
    }

    /// <summary>Leaves several different next steps at a silo's door; the first is this episode's own.</summary>
    public async Task<IReadOnlyList<Knock>> KnockAsync(SiloProcess silo, int count)
    {
        var knocks = new List<Knock>();
        for (var other = 0; other < count; other++)
        {
            var step = other == 0 ? journal.Step(Next) : StepContent.Json(journal.Seed, journal.Worker, -other, Next);
            knocks.Add(await Knock.SendAsync(silo.Address, Id, Next, WriterEpoch, step));
        }

        return knocks;
    }

    /// <summary>
    /// Reads the episode back: what was acknowledged, then at most one of the steps that were left at a door, which is the one that was acknowledged there if any was.
    /// </summary>
    /// <returns>The statuses of the doors' answers; null: none.</returns>
    public async Task<IReadOnlyList<int?>> CompareAsync(RollbookHttpClient reader, IReadOnlyList<Knock> knocks)
    {
        var statuses = await Task.WhenAll(knocks.Select(static knock => knock.StatusAsync()));
        var lines = new List<StepLine>();
        await foreach (var line in reader.ReadStepsAsync(Id)) lines.Add(line);
        Assert.InRange(lines.Count, Next, Next + 1);
        for (var at = 0; at < Next; at++) Assert.Null(Checker.Difference(journal.Step(at), lines[at].Json, at));
        var stored = lines.Count > Next ? knocks.Where(knock => Checker.Difference(knock.Step, lines[^1].Json, Next) is null).ToList() : [];
        if (lines.Count > Next) Assert.Single(stored);
        for (var at = 0; at < knocks.Count; at++)
            if (statuses[at] == 200) Assert.True(stored.Contains(knocks[at]), $"A stopped silo acknowledged step {Next} of {Id} as number {at}, and it is not in the record.");
        return statuses;
    }
}
