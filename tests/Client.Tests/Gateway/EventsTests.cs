using Rollbook.Testing;

namespace Rollbook.Client.Tests.Gateway;

/// <summary>Scores, labels and fields against a real recorder, over its gateway.</summary>
public sealed class EventsTests
{
    private static readonly EpisodeScore Score = new()
    {
        EventId = "e-1", Name = "final", Value = double.NegativeInfinity, Source = "unit tests", Rationale = "why \u2028", Metadata = """{ "k" : 1.50 }"""u8.ToArray(), Time = 1763890600.5,
    };

    [Fact]
    public async Task ScoreAsync_WhenSentAgain_IsADuplicateAndAnotherContentAConflict()
    {
        using var directory = new TempDirectory();
        await using var recorder = await RecorderHost.StartAsync(directory.Path);
        await using var client = await RollbookClient.ConnectAsync($"127.0.0.1:{recorder.GatewayPort}");
        var id = await EndedAsync(client);

        Assert.Equal(new ScoredEpisode("e-1", false, double.NegativeInfinity), await client.ScoreAsync(id, Score));
        Assert.Equal(new ScoredEpisode("e-1", true, double.NegativeInfinity), await client.ScoreAsync(id, Score));
        var conflict = await Assert.ThrowsAsync<RefusedException>(() => client.ScoreAsync(id, Score with { Value = 1 }));

        Assert.Equal("score_conflict", conflict.Code);
        var recorded = Assert.Single(await client.ReadScoresAsync(id).ToListAsync());
        Assert.Equal(("e-1", double.NegativeInfinity, "why \u2028", """{"k":1.50}""", 1763890600.5), (recorded.EventId, recorded.Value, recorded.Rationale, recorded.Metadata, recorded.Time));
    }

    [Fact]
    public async Task ScoreAsync_WhenTheEdgeTookItBefore_IsTheSameEvent()
    {
        using var directory = new TempDirectory();
        await using var recorder = await RecorderHost.StartAsync(directory.Path);
        await using var client = await RollbookClient.ConnectAsync($"127.0.0.1:{recorder.GatewayPort}");
        var id = await EndedAsync(client);
        // Another writer's text of the same event: its spacing, order and escapes are its own.
        var body = """{"time": 1763890600.5, "source": "unit tests", "rationale": "why \u2028", "metadata": {"k":1.50}, "value": "-Infinity", "name": "final", "event_id": "e-1"}"""u8;
        Assert.False((await recorder.Episode(id).Score([ScoreBody.Read(body)]))[0].Duplicate);

        Assert.True((await client.ScoreAsync(id, Score)).Duplicate);
    }

    [Theory]
    [InlineData("a b", "{}", "/event_id")]
    [InlineData("e", "[]", "/metadata")]
    [InlineData("e", "{", "")]
    public async Task ScoreAsync_WhenAFieldIsNotWhatItShouldBe_NamesItAndSendsNothing(string eventId, string metadata, string pointer)
    {
        using var directory = new TempDirectory();
        await using var recorder = await RecorderHost.StartAsync(directory.Path);
        await using var client = await RollbookClient.ConnectAsync($"127.0.0.1:{recorder.GatewayPort}");
        var id = await EndedAsync(client);

        var bad = await Assert.ThrowsAsync<BadStepException>(() =>
            client.ScoreAsync(id, new EpisodeScore { EventId = eventId, Name = "n", Value = null, Source = "s", Metadata = System.Text.Encoding.UTF8.GetBytes(metadata) }));

        Assert.Equal(pointer, bad.Pointer);
        Assert.Empty(await client.ReadScoresAsync(id).ToListAsync());
    }

    [Fact]
    public async Task LabelAsync_WhenSentAgain_IsADuplicate()
    {
        using var directory = new TempDirectory();
        await using var recorder = await RecorderHost.StartAsync(directory.Path);
        await using var client = await RollbookClient.ConnectAsync($"127.0.0.1:{recorder.GatewayPort}");
        var id = await EndedAsync(client);

        var first = await client.LabelAsync(id, new LabelChange { EventId = "l-1", Add = ["b", "a"] });
        var again = await client.LabelAsync(id, new LabelChange { EventId = "l-1", Add = ["a", "b"] });
        var removed = await client.LabelAsync(id, new LabelChange { EventId = "l-2", Remove = ["a"] });

        Assert.Equal((false, true, false), (first.Duplicate, again.Duplicate, removed.Duplicate));
        Assert.Equal(["a", "b"], again.Labels);
        Assert.Equal(["b"], removed.Labels);
    }

    [Fact]
    public async Task SetFieldsAsync_WhenAnotherValueStands_NamesTheFieldAndSetsNothing()
    {
        using var directory = new TempDirectory();
        await using var recorder = await RecorderHost.StartAsync(directory.Path);
        await using var client = await RollbookClient.ConnectAsync($"127.0.0.1:{recorder.GatewayPort}");
        var id = await EndedAsync(client);

        Assert.Equal(("g", 17L), ((await client.SetFieldsAsync(id, new EpisodeFields { GroupId = "g", Seed = 17 })).GroupId, (await client.ReadEpisodeAsync(id)).Record.Seed));
        var conflict = await Assert.ThrowsAsync<RefusedException>(() => client.SetFieldsAsync(id, new EpisodeFields { Environment = "env", Seed = 18 }));

        Assert.Equal(("field_conflict", "/seed"), (conflict.Code, conflict.Pointer));
        Assert.Null((await client.ReadEpisodeAsync(id)).Record.Environment);
    }

    private static async Task<EpisodeId> EndedAsync(RollbookClient client)
    {
        await using var log = client.CreateLogger("w");
        var id = await log.StartEpisodeAsync("t", "v");
        await log.EndEpisodeAsync(0.5);
        return id;
    }
}
