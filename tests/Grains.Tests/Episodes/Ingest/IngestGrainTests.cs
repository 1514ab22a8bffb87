using Microsoft.Extensions.DependencyInjection;
using Rollbook.Archive;
using Rollbook.Episodes;
using Rollbook.Testing;
using Xunit;

namespace Rollbook.Grains.Tests.Episodes.Ingest;

/// <summary>The batches of many episodes in one call, on a real silo.</summary>
public sealed class IngestGrainTests
{
    [Fact]
    public async Task Append_OfManyEpisodes_RecordsEachInItsOrder()
    {
        using var directory = new TempDirectory();
        await using var silo = await RecorderHost.StartAsync(directory.Path);
        var ids = new List<EpisodeId>();
        for (var i = 0; i < 50; i++) ids.Add(await StartAsync(silo, $"w{i}"));
        var ingest = silo.Grains.GetGrain<IIngestGrain>(0);

        for (var round = 0; round < 10; round++)
        {
            var at = round * 3;
            var outcomes = await ingest.Append(new IngestSteps(EpisodeKey.DefaultProject, [.. ids.Select(id => new IngestBatch(id, Batch($"{id}", at, 3)))]));
            Assert.All(outcomes, outcome => Assert.Equal(new IngestOutcome(true, new AppendReply(RollbookCode.Ok, at + 3, 0)), outcome));
        }

        foreach (var id in ids)
        {
            var page = await silo.Episode(id).ReadSteps(0, 100, TimeSpan.Zero);
            Assert.Equal(TestSteps.Lines(TestSteps.Range($"{id}", 0, 30)), TestSteps.Lines(page.Steps));
        }
    }

    [Fact]
    public async Task Append_OfWhatNeedsALook_LeavesItToTheGrainAndTakesTheRest()
    {
        using var directory = new TempDirectory();
        await using var silo = await RecorderHost.StartAsync(directory.Path);
        var (fresh, repeated, gapped, ended) = (await StartAsync(silo, "a"), await StartAsync(silo, "b"), await StartAsync(silo, "c"), await StartAsync(silo, "d"));
        await silo.Episode(repeated).Append(Batch("r", 0, 2));
        await silo.Episode(ended).End(new EndEpisode { Status = EpisodeStatus.Completed, NextOrdinal = 0 });
        var unknown = EpisodeId.New(TimeProvider.System);

        var outcomes = await silo.Grains.GetGrain<IIngestGrain>(0).Append(new IngestSteps(
            EpisodeKey.DefaultProject,
            [
                new(fresh, Batch("f", 0, 2)), new(repeated, Batch("r", 0, 2)), new(gapped, Batch("g", 5, 1)), new(ended, Batch("e", 0, 1)), new(unknown, Batch("u", 0, 1)),
            ]));

        Assert.Equal([true, false, false, false, false], outcomes.Select(outcome => outcome.Taken));
        Assert.Equal(2, (await silo.Episode(fresh).Read()).Record!.StepCount);
        Assert.Equal(2, (await silo.Episode(repeated).Read()).Record!.StepCount);
        Assert.Equal(0, (await silo.Episode(gapped).Read()).Record!.StepCount);
        Assert.Equal(RollbookCode.EpisodeNotFound, (await silo.Episode(unknown).Read()).Code);
    }

    [Fact]
    public async Task Append_OfStepsThatNameAnUnknownBlob_IsRefusedByTheGrainUntilItIsPut()
    {
        using var directory = new TempDirectory();
        await using var silo = await RecorderHost.StartAsync(directory.Path);
        var (naming, other) = (await StartAsync(silo, "a"), await StartAsync(silo, "b"));
        byte[] value = [1, 2, 3];
        var hash = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(value));
        var line = $$$"""{"action_type":"a","observation_snapshot":{"$blob":"{{{hash}}}","bytes":3}}""";
        var batch = new AppendSteps { From = 0, Steps = StepBatch.Encode(System.Text.Encoding.UTF8.GetBytes(line), ndjson: false, 1) };
        var request = new IngestSteps(EpisodeKey.DefaultProject, [new(naming, batch), new(other, Batch("s", 0, 1))]);
        var ingest = silo.Grains.GetGrain<IIngestGrain>(0);

        Assert.Equal([false, true], (await ingest.Append(request)).Select(outcome => outcome.Taken));
        Assert.Equal(new AppendReply(RollbookCode.UnknownBlob, 0, 0, hash), await silo.Episode(naming).Append(batch));
        Assert.Equal(0, (await silo.Episode(naming).Read()).Record!.StepCount);
        await silo.Services.GetRequiredService<BlobStore>().PutAsync(EpisodeKey.DefaultProject, hash, new MemoryStream(value), CancellationToken.None);

        Assert.Equal(new IngestOutcome(true, new AppendReply(RollbookCode.Ok, 1, 0)), (await ingest.Append(request with { Batches = [new(naming, batch)] }))[0]);
        Assert.Equal(new AppendReply(RollbookCode.Ok, 1, 1), await silo.Episode(naming).Append(batch));
    }

    [Fact]
    public async Task Append_OfTheSameStepsByEightWaysAtOnce_RecordsThemOnce()
    {
        using var directory = new TempDirectory();
        await using var silo = await RecorderHost.StartAsync(directory.Path);
        var id = await StartAsync(silo, "w");
        var ingest = silo.Grains.GetGrain<IIngestGrain>(0);
        var inside = silo.Services.GetRequiredService<ActiveEpisodes>();
        using var appends = new EpisodeAppends(inside, key => silo.Grains.GetGrain<IEpisodeGrain>(key.ToString()), new BlobCheck(null), TimeProvider.System);
        var key = new EpisodeKey(EpisodeKey.DefaultProject, id);

        for (var at = 0; at < 200; at += 2)
        {
            var batch = Batch("s", at, 2);
            var ways = Enumerable.Range(0, 8).Select(way => Task.Run(async () => (way % 3) switch
            {
                0 => await silo.Episode(id).Append(batch),
                1 => await appends.AppendAsync(key, batch.From, batch.Steps, null),
                _ => await ByIngestAsync(),
            }));
            foreach (var reply in await Task.WhenAll(ways)) Assert.Equal((RollbookCode.Ok, at + 2L), (reply.Code, reply.NextOrdinal));

            async Task<AppendReply> ByIngestAsync()
            {
                var outcome = (await ingest.Append(new IngestSteps(EpisodeKey.DefaultProject, [new(id, batch)])))[0];
                return outcome.Taken ? outcome.Reply : await silo.Episode(id).Append(batch);
            }
        }

        var page = await silo.Episode(id).ReadSteps(0, 1000, TimeSpan.Zero);
        Assert.Equal(TestSteps.Lines(TestSteps.Range("s", 0, 200)), TestSteps.Lines(page.Steps));
        Assert.NotNull(inside.Find(key));
    }

    [Fact]
    public async Task Find_OfAnActivationThatWasDeposed_GivesNoneThoughACallKeepsIt()
    {
        using var directory = new TempDirectory();
        await using var silo = await RecorderHost.StartAsync(directory.Path);
        var id = await StartAsync(silo, "w");
        var key = new EpisodeKey(EpisodeKey.DefaultProject, id);
        var inside = silo.Services.GetRequiredService<ActiveEpisodes>();
        Assert.NotNull(inside.Find(key));
        // Waits in the activation, which can't go meanwhile.
        var poll = silo.Episode(id).ReadSteps(0, 1, TimeSpan.FromSeconds(5)).AsTask();
        // Behind the poll: by its answer the poll waits.
        Assert.Equal(RollbookCode.Ok, await silo.Episode(id).Heartbeat(null));
        silo.Services.GetRequiredService<RecorderCore>().Log.RaiseMinimumTerm(key, 2);

        Assert.Equal(RollbookCode.Unavailable, (await silo.Episode(id).Append(Batch("s", 0, 1))).Code);

        Assert.Null(inside.Find(key));
        await poll;
    }

    private static AppendSteps Batch(string prefix, int from, int count) => new() { From = from, Steps = TestSteps.Range(prefix, from, count) };

    private static async Task<EpisodeId> StartAsync(RecorderHost silo, string worker)
    {
        var start = await silo.Worker(worker).Start(
            new StartEpisode { Project = EpisodeKey.DefaultProject, Worker = worker, Task = "t", VariantId = "v", BodyHash = 1 });
        Assert.Equal(RollbookCode.Ok, start.Code);
        return start.Record!.Key.Id;
    }
}
