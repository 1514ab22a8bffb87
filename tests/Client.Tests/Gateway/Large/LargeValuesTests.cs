using System.Text;
using Rollbook.Testing;
using Xunit;

namespace Rollbook.Client.Tests.Gateway.Large;

/// <summary>Large values through the gateway of a real recorder.</summary>
public sealed class LargeValuesTests
{
    [Fact]
    public async Task Episode_WithLargeTexts_IsReadBackWhole()
    {
        using var directory = new TempDirectory();
        await using var recorder = await RecorderHost.StartAsync(directory.Path);
        await using var client = await ConnectAsync(recorder);
        await using var log = client.CreateLogger("w");
        var (page, script) = (Text(3_000_000, 1), Text(300_000, 2));
        var id = await log.StartEpisodeAsync("t", "v");

        // Not awaited one by one: order and ordinals are those of the calls.
        Task<long>[] calls =
        [
            log.RecordStepAsync(new Step { ActionType = "read", Observation = JsonValue.Of(new { page, status = 200 }) }).AsTask(),
            log.RecordStepAsync(new Step { ActionType = "think", Thought = "short" }).AsTask(),
            log.RecordStepsAsync(
                [new Step { ActionType = "write", ActionContent = script, FileDiff = new FileDiff("a.py", script, page, 1) }, new Step { ActionType = "read", Response = page }]).AsTask(),
        ];
        var ordinals = await Task.WhenAll(calls);
        Assert.Equal([0, 1, 2], ordinals);
        await log.EndEpisodeAsync(1, "submitted");

        var steps = (await client.GetTrajectoryAsync(id))!.Steps;
        Assert.Equal(["read", "think", "write", "read"], steps.Select(step => step.Step.ActionType));
        Assert.Equal(page, await ReadAsync(client, LargeValue.Of(steps[0].Step.Observation.ToElement().GetProperty("page"))));
        Assert.Equal(200, steps[0].Step.Observation.ToElement().GetProperty("status").GetInt32());
        Assert.Equal("short", steps[1].Step.Thought);
        Assert.Equal(script, await ReadAsync(client, LargeValue.Of(steps[2].Step.ActionContent)));
        Assert.Equal((script, page), (await ReadAsync(client, LargeValue.Of(steps[2].Step.FileDiff!.Before)), await ReadAsync(client, LargeValue.Of(steps[2].Step.FileDiff!.After))));
        Assert.Equal(page, await ReadAsync(client, LargeValue.Of(steps[3].Step.Response)));
        Assert.All(steps, step => Assert.InRange(step.Json.Length, 1, 2000));
    }

    [Fact]
    public async Task Keep_ByManyAtOnce_KeepsTheValueOnceForAll()
    {
        using var directory = new TempDirectory();
        await using var recorder = await RecorderHost.StartAsync(directory.Path);
        await using var one = await ConnectAsync(recorder);
        await using var two = await ConnectAsync(recorder);
        var bytes = new byte[5_000_000];
        new Random(3).NextBytes(bytes);

        var kept = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => (i % 2 == 0 ? one : two).KeepLargeValueAsync(bytes, "application/x-random")));

        Assert.Single(kept.Distinct());
        Assert.Equal((5_000_000, "application/x-random"), (kept[0].Bytes, kept[0].MediaType));
        Assert.Equal(bytes, await two.ReadLargeValueAsync(kept[0].Sha256));
        Assert.Single(Directory.EnumerateFiles(Path.Combine(directory.Path, "archive", "projects", "default", "blobs"), "*", SearchOption.AllDirectories));
        Assert.Null(await one.ReadLargeValueAsync(new string('0', 64)));
    }

    [Fact]
    public async Task Record_OfAStepThatNamesAnUnknownValue_IsRefused()
    {
        using var directory = new TempDirectory();
        await using var recorder = await RecorderHost.StartAsync(directory.Path);
        await using var client = await ConnectAsync(recorder);
        await using var log = client.CreateLogger("w");
        await log.StartEpisodeAsync("t", "v");

        var refusal = await Assert.ThrowsAsync<RefusedException>(async () =>
            await log.RecordStepAsync(new Step { ActionType = "a", Observation = JsonValue.Parse($$"""{"$blob":"{{new string('0', 64)}}","bytes":1}""") }));

        Assert.Equal("unknown_blob", refusal.Code);
    }

    [Fact]
    public async Task Record_WhenTheRecorderHasLostTheValue_SendsItAgain()
    {
        using var directory = new TempDirectory();
        var text = Text(400_000, 5);
        await using var recorder = await RecorderHost.StartAsync(directory.Path);
        await using var client = await ConnectAsync(recorder);
        await using var log = client.CreateLogger("w");
        await log.StartEpisodeAsync("t", "v");
        await log.RecordStepAsync(new Step { ActionType = "a", Thought = text });

        // Another recorder at the same address, with nothing in its archive.
        await recorder.DisposeAsync();
        Directory.Delete(Path.Combine(directory.Path, "archive", "projects", "default", "blobs"), recursive: true);
        await using var next = await RecorderHost.StartAsync(directory.Path, gatewayPort: recorder.GatewayPort);

        Assert.Equal(1, await log.RecordStepAsync(new Step { ActionType = "b", Thought = text }));
        await log.EndEpisodeAsync();
        var steps = (await client.GetTrajectoryAsync(log.EpisodeId!.Value))!.Steps;
        Assert.Equal(text, await ReadAsync(client, LargeValue.Of(steps[1].Step.Thought)));
    }

    private static Task<RollbookClient> ConnectAsync(RecorderHost recorder) =>
        RollbookClient.ConnectAsync(new RollbookClientOptions { Gateways = $"127.0.0.1:{recorder.GatewayPort}", GiveUpAfter = TimeSpan.FromSeconds(30) });

    private static async Task<string> ReadAsync(RollbookClient client, LargeValue? reference)
    {
        var bytes = await client.ReadLargeValueAsync(Assert.NotNull(reference).Sha256);
        Assert.Equal(reference.Value.Bytes, bytes!.Length);
        return Encoding.UTF8.GetString(bytes);
    }

    private static string Text(int length, int seed)
    {
        var random = new Random(seed);
        return string.Create(length, random, static (span, random) =>
        {
            for (var i = 0; i < span.Length; i++) span[i] = "abcd \"\\\n\u00e9\u4e2d"[random.Next(10)];
        });
    }
}
