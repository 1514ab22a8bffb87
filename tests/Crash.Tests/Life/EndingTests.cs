using System.Text.Json;
using Rollbook.Client;

namespace Rollbook.Crash.Tests;

/// <summary>Every episode ends with a cause, also those whose worker went without a word.</summary>
public sealed class EndingTests
{
    private static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Episode_WhenItsWorkerVanishes_EndsAsLost()
    {
        using var directory = new TempDirectory();
        await using var silo = await SiloProcess.StartAsync(directory.Path);
        using var client = silo.Client();
        var episode = await StartAsync(client, "vanishes", deadlineSeconds: 1);
        await AssertLostAsync(client, episode);
        var (id, _) = episode;
        var worker = await client.GetWorkerAsync("vanishes");
        Assert.Contains(worker.History, entry => entry.EpisodeId == id && entry.Status == "lost");
    }

    [Fact]
    public async Task Episode_WhenTheRecorderWasKilled_StillEndsAsLost()
    {
        using var directory = new TempDirectory();
        var episodes = new List<(string Id, int Steps)>();
        await using (var silo = await SiloProcess.StartAsync(directory.Path))
        {
            using var client = silo.Client();
            for (var i = 0; i < 10; i++) episodes.Add(await StartAsync(client, $"killed.{i}", deadlineSeconds: 3));
            await silo.KillAsync();
        }

        await using var next = await SiloProcess.StartAsync(directory.Path);
        using var reader = next.Client(TimeSpan.FromSeconds(30));
        // The deadline starts anew: nobody could write while the recorder was away.
        foreach (var episode in episodes) await AssertLostAsync(reader, episode);
    }

    private static async Task<(string Id, int Steps)> StartAsync(RollbookHttpClient client, string worker, int deadlineSeconds)
    {
        var started = await client.StartAsync(worker, new EpisodeStart { Task = "silent", VariantId = "end", DeadlineSeconds = deadlineSeconds });
        try
        {
            await client.AppendAsync(started.EpisodeId, 0, StepContent.Json(1, 0, 0, 0));
            return (started.EpisodeId, 1);
        }
        catch (RollbookException ended) when (ended.Code == "episode_ended")
        {
            // On a machine this busy the deadline was there first.
            return (started.EpisodeId, 0);
        }
    }

    private static async Task AssertLostAsync(RollbookHttpClient client, (string Id, int Steps) episode)
    {
        using var patience = new CancellationTokenSource(LongestSilence, TimeProvider.System);
        var steps = 0;
        try
        {
            await foreach (var item in client.WatchAsync(episode.Id, 0, patience.Token))
            {
                if (!item.IsEnd)
                {
                    steps++;
                    continue;
                }

                using var record = JsonDocument.Parse(item.Json);
                Assert.Equal("lost", record.RootElement.GetProperty("status").GetString());
                Assert.False(string.IsNullOrEmpty(record.RootElement.GetProperty("end_cause").GetString()));
            }
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"The live stream of episode {episode.Id} brought {steps} steps and no ending within {LongestSilence.TotalSeconds:0} s.");
        }

        Assert.Equal(episode.Steps, steps);
    }
}
