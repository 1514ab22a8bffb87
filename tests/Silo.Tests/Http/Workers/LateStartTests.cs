using Rollbook.Testing;

namespace Rollbook.Silo.Tests.Http.Workers;

/// <summary>Starts that come from a spool, after the worker has gone on.</summary>
public sealed class LateStartTests
{
    [Fact]
    public async Task Start_OlderThanTheCurrentEpisode_EntersTheHistoryInTimeOrder()
    {
        using var directory = new TempDirectory();
        string now;
        var late = Ulid(1);
        await using (var silo = await SiloServer.StartAsync(directory.Path))
        {
            now = await silo.BeginAsync("w", """{"task":"now","variant_id":"v","start_time":2000}""");

            var (status, answer) = await silo.PostAsync("/v1/workers/w/episodes", Spooled(late, 1000));

            Assert.Equal((201, late, null), (status, (string?)answer!["episode_id"], (string?)answer["superseded"]));
            Assert.Equal(now, (string?)(await silo.GetAsync("/v1/workers/w")).Json!["current"]!["episode_id"]);
            Assert.Equal(200, (await silo.AppendAsync(late, 0, """{"action_type":"a"}""")).Status);
            Assert.Equal(200, (await silo.AppendAsync(now, 0, """{"action_type":"a"}""")).Status);
        }

        // Unfinished through a restart: it stays open, and no start supersedes it.
        await using var next = await SiloServer.StartAsync(directory.Path);
        var other = await next.BeginAsync("w", """{"task":"then","variant_id":"v","start_time":3000}""");
        Assert.Equal("superseded", (string?)(await next.GetAsync($"/v1/episodes/{now}?steps=false")).Json!["status"]);
        Assert.Equal("running", (string?)(await next.GetAsync($"/v1/episodes/{late}?steps=false")).Json!["status"]);
        Assert.Equal(200, (await next.PostAsync($"/v1/episodes/{late}/end", """{"next_ordinal":1,"end_time":1500}""")).Status);

        var view = (await next.GetAsync("/v1/workers/w")).Json!;
        Assert.Equal(other, (string?)view["current"]!["episode_id"]);
        Assert.Equal([late, now], view["history"]!.AsArray().Select(static e => (string?)e!["episode_id"]));
    }

    [Fact]
    public async Task Start_FromASpoolWhileAnotherWriterIsLive_IsTakenAndDisturbsNobody()
    {
        using var directory = new TempDirectory();
        await using var silo = await SiloServer.StartAsync(directory.Path);
        var live = await silo.BeginAsync("w", """{"task":"live","variant_id":"v","start_time":1000,"writer":"one"}""");
        Assert.Equal("worker_busy", (string?)(await silo.PostAsync("/v1/workers/w/episodes", """{"task":"t","variant_id":"v","writer":"two"}""")).Json!["code"]);

        var spooled = Ulid(2);
        var (status, answer) = await silo.PostAsync("/v1/workers/w/episodes", Spooled(spooled, 2000, "two"));

        Assert.Equal((201, null), (status, (string?)answer!["superseded"]));
        Assert.Equal(live, (string?)(await silo.GetAsync("/v1/workers/w")).Json!["current"]!["episode_id"]);
        Assert.Equal(200, (await silo.AppendAsync(live, 0, """{"action_type":"a"}""")).Status);
        Assert.Equal(200, (await silo.PostAsync($"/v1/episodes/{spooled}/end", """{"next_ordinal":0}""")).Status);
    }

    [Fact]
    public async Task Start_RepeatedAfterTheWorkerForgotIt_IsAnsweredFromItsEpisode()
    {
        using var directory = new TempDirectory();
        await using var silo = await SiloServer.StartAsync(directory.Path);
        await silo.BeginAsync("w", """{"task":"now","variant_id":"v","start_time":5000}""");
        for (var i = 0; i < 12; i++)
        {
            Assert.Equal(201, (await silo.PostAsync("/v1/workers/w/episodes", Spooled(Ulid(i), 1000 + i))).Status);
            Assert.Equal(200, (await silo.PostAsync($"/v1/episodes/{Ulid(i)}/end", """{"next_ordinal":0}""")).Status);
            await silo.GetAsync("/v1/workers/w");
        }

        var (status, answer) = await silo.PostAsync("/v1/workers/w/episodes", Spooled(Ulid(0), 1000));

        Assert.Equal((201, Ulid(0), "completed"), (status, (string?)answer!["episode_id"], (string?)answer["status"]));
        Assert.Equal("episode_exists", (string?)(await silo.PostAsync("/v1/workers/w/episodes", Spooled(Ulid(0), 999))).Json!["code"]);
        Assert.Equal("episode_exists", (string?)(await silo.PostAsync("/v1/workers/x/episodes", Spooled(Ulid(0), 1000))).Json!["code"]);
        var history = (await silo.GetAsync("/v1/workers/w")).Json!["history"]!.AsArray().Select(static e => (string?)e!["episode_id"]);
        Assert.Equal(Enumerable.Range(2, 10).Select(Ulid), history);
    }

    private static string Ulid(int n) => $"01ARZ3NDEKTSV4RRFFQ69G5F{n:D2}";

    private static string Spooled(string id, int start, string? writer = null) =>
        $$"""{"task":"late","variant_id":"v","episode_id":"{{id}}","start_time":{{start}}{{(writer is null ? "" : $",\"writer\":\"{writer}\"")}}}""";
}
