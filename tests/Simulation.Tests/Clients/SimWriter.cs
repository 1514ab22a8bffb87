using Rollbook.Simulation.Tests.Engine;

namespace Rollbook.Simulation.Tests.Clients;

/// <summary>
/// One worker and those who meddle with it: appends in lockstep or pipelined, retries with the same content, duplicates, conflicts, gaps, reads,
/// resumes and ends.
/// </summary>
internal sealed class SimWriter(World world, EpisodeClient client, bool mayBeLost, int calls)
{
    private readonly EpisodeHistory history = client.History;
    private readonly string salt = $"{client.Key.Id.Value & 0xFF:x2}";
    private long cursor;
    private long? epoch;
    private bool ended;

    public async Task RunAsync()
    {
        await OpenAsync();
        var verifiers = new List<Task>();
        for (var i = world.Random.Next(3); i > 0; i--) verifiers.Add(new SimVerifier(world, client, $"v{i}").RunAsync(world.Random.Next(1, 12)));
        for (var call = 0; call < calls && !ended; call++) await CallOnceAsync();
        if (!ended && world.Chance(0.8)) await EndAsync();
        if (ended) await AfterEndAsync();
        if (world.Chance(0.6)) await new SimVerifier(world, client, "last").RunAsync(world.Random.Next(1, 8));
        await Task.WhenAll(verifiers);
    }

    private Task CallOnceAsync() => world.Random.Next(100) switch
    {
        < 45 => AppendUntilKnownAsync(cursor, Lines(cursor, 1, 4)),
        < 62 => PipelineAsync(),
        < 68 => ConflictAsync(),
        < 72 => client.AppendAsync(cursor + world.Random.Next(1, 4), Lines(cursor + 4, 1, 3), epoch),
        < 79 => DuplicateAsync(),
        < 87 => client.ReadAsync(world.Random.NextInt64(history.AckedNext + 2), world.Random.Next(1, 50), world.Between(0, world.Chance(0.1) ? 3 : 0)),
        < 90 => client.ViewAsync(),
        < 93 => client.HeartbeatAsync(epoch),
        < 96 => ResumeAsync(),
        96 when world.Chance(0.2) => client.EndAsync(new EndEpisode { Status = EpisodeStatus.Aborted, Cause = "by request" }),
        _ => client.PauseAsync(mayBeLost && world.Chance(0.3) ? 40 : 2),
    };

    private async Task OpenAsync()
    {
        var record = new EpisodeRecord
        {
            Key = client.Key,
            Worker = "w",
            Task = "t",
            VariantId = "v",
            StartTime = 1,
            DeadlineSeconds = mayBeLost ? 12 : 1_000_000,
            StartHash = 7,
        };
        while (true)
        {
            var reply = await client.OpenAsync(new OpenEpisode { Record = record, Writer = "writer" });
            if (reply?.Code == RollbookCode.Ok)
            {
                epoch = world.Chance(0.9) ? reply.WriterEpoch : null;
                return;
            }

            await client.PauseAsync(0.5);
        }
    }

    private List<string> Lines(long from, int least, int most)
    {
        var lines = new List<string>();
        var count = world.Random.Next(least, most + 1);
        var padding = world.Chance(0.1) ? new string('x', world.Random.Next(2000)) : "";
        for (var i = 0; i < count; i++) lines.Add(Line(from + i, padding));
        return lines;
    }

    // The same ordinal gives the same line in every try, however long it is: the first that is made stands.
    private readonly Dictionary<long, string> made = [];

    private string Line(long ordinal, string padding)
    {
        if (!made.TryGetValue(ordinal, out var line)) made[ordinal] = line = $$"""{"q":"{{salt}}-{{ordinal}}{{padding}}"}""";
        return line;
    }

    /// <summary>Sends the same again until the outcome is known.</summary>
    private async Task AppendUntilKnownAsync(long from, List<string> lines)
    {
        while (!ended)
        {
            var reply = await client.AppendAsync(from, lines, epoch);
            switch (reply?.Code)
            {
                case RollbookCode.Ok:
                    cursor = Math.Max(cursor, from + lines.Count);
                    return;
                case RollbookCode.OrdinalConflict:
                    // A meddler's step was taken there: it is the step now.
                    var at = reply.Value.NextOrdinal;
                    var other = history.Another(at, lines[(int)(at - from)]);
                    made[at] = other;
                    lines[(int)(at - from)] = other;
                    break;
                case RollbookCode.EpisodeEnded:
                    await EndedAsync();
                    break;
                case RollbookCode.WriterFenced:
                    await ResumeAsync();
                    break;
                default:
                    await client.PauseAsync(0.5);
                    break;
            }
        }
    }

    private async Task PipelineAsync()
    {
        var batches = new List<(long From, List<string> Lines)>();
        var from = cursor;
        for (var i = world.Random.Next(2, 6); i > 0; i--)
        {
            batches.Add((from, Lines(from, 1, 3)));
            from += batches[^1].Lines.Count;
        }

        var sending = batches.Select(batch => client.AppendAsync(batch.From, batch.Lines, epoch)).ToList();
        await Task.WhenAll(sending);
        foreach (var batch in batches) await AppendUntilKnownAsync(batch.From, batch.Lines);
    }

    private async Task ConflictAsync()
    {
        var at = world.Chance(0.7) ? world.Random.NextInt64(history.AckedNext + 1) : cursor;
        await client.AppendAsync(at, [$$"""{"q":"{{salt}}-{{at}}-other-{{world.Random.Next(3)}}"}"""], epoch);
    }

    private async Task DuplicateAsync()
    {
        if (cursor == 0) return;
        var from = world.Random.NextInt64(cursor);
        var lines = new List<string>();
        for (var ordinal = from; ordinal < Math.Min(cursor, from + 5); ordinal++) lines.Add(Line(ordinal, ""));
        await AppendUntilKnownAsync(from, lines);
    }

    private async Task ResumeAsync()
    {
        while (!ended)
        {
            var reply = await client.ResumeAsync();
            if (reply?.Code == RollbookCode.EpisodeEnded) ended = true;
            if (reply?.Code == RollbookCode.Ok)
            {
                epoch = reply.WriterEpoch;
                return;
            }

            await client.PauseAsync(0.5);
        }
    }

    // A lost episode goes on; every other ending is final.
    private async Task EndedAsync()
    {
        if (mayBeLost && world.Chance(0.9)) await ResumeAsync();
        else ended = true;
    }

    private async Task EndAsync()
    {
        var score = world.Random.Next(1, 100) / 100.0;
        while (!ended)
        {
            var reply = await client.EndAsync(new EndEpisode { Status = EpisodeStatus.Completed, FinalScore = score, NextOrdinal = cursor, WriterEpoch = epoch });
            switch (reply?.Code)
            {
                case RollbookCode.Ok or RollbookCode.EndConflict:
                    ended = true;
                    break;
                case RollbookCode.OrdinalConflict:
                    // A meddler's step stands behind the last one.
                    cursor = reply.Value.Expected;
                    break;
                case RollbookCode.WriterFenced:
                    await ResumeAsync();
                    break;
                default:
                    await client.PauseAsync(0.5);
                    break;
            }
        }
    }

    private async Task AfterEndAsync()
    {
        for (var call = world.Random.Next(6); call > 0; call--)
        {
            switch (world.Random.Next(4))
            {
                case 0:
                    await client.AppendAsync(cursor, Lines(cursor, 1, 2), epoch);
                    break;
                case 1:
                    await client.EndAsync(new EndEpisode { Status = EpisodeStatus.Completed, FinalScore = 2, NextOrdinal = cursor, WriterEpoch = epoch });
                    break;
                case 2:
                    await client.ReadAsync(world.Random.NextInt64(cursor + 1), 50, TimeSpan.Zero);
                    break;
                default:
                    await client.ResumeAsync();
                    break;
            }
        }
    }
}
