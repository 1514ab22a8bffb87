using Rollbook.Client;

namespace Rollbook.Crash.Tests;

/// <summary>The checker must see each kind of loss, or the tests that it judges show nothing.</summary>
public sealed class CheckerTests
{
    [Fact]
    public async Task Check_WhenTheJournalsTellOtherwise_SeesIt()
    {
        using var directory = new TempDirectory();
        await using var silo = await SiloProcess.StartAsync(directory.Path);
        using var client = silo.Client();
        var started = await client.StartAsync(new EpisodeJournal(1, 0, 0).WorkerName, new EpisodeStart { Task = "check", VariantId = "it" });
        await client.AppendAsync(started.EpisodeId, 0, StepContent.Lines(1, 0, 0, 0, 10));

        Assert.Equal((0, 0), await CheckAsync(Journal(10, 10)));
        Assert.Equal((0, 0), await CheckAsync(Journal(8, 10)));
        Assert.Equal((1, 0), await CheckAsync(Journal(11, 11)));
        Assert.Equal((0, 1), await CheckAsync(Journal(9, 9)));
        Assert.Equal((0, 10), await CheckAsync(Journal(10, 10, episode: 1)));
        var ended = Journal(10, 10);
        ended.InvokeEnd(1);
        ended.OkEnd();
        Assert.Equal((0, 1), await CheckAsync(ended));
        var missing = Journal(0, 0);
        missing.Started = started with { EpisodeId = "01J00000000000000000000000" };
        Assert.Equal(1, (await CheckAsync(missing)).Lost);

        EpisodeJournal Journal(long acknowledged, int sent, int episode = 0)
        {
            var journal = new EpisodeJournal(1, 0, episode) { Started = started };
            journal.Invoke(0, sent);
            journal.Ok(acknowledged);
            return journal;
        }

        async Task<(int Lost, int Wrong)> CheckAsync(EpisodeJournal journal)
        {
            var report = await Checker.CheckAsync(client, [[journal]]);
            return (report.Lost.Count, report.Wrong.Count);
        }
    }

    [Fact]
    public void Difference_WhenATextDiffers_NamesTheField()
    {
        var sent = """{"action_type":"a","reward":0.10}"""u8.ToArray();
        Assert.Null(Checker.Difference(sent, """{"ordinal":3,"received_at":1.5,"action_type":"a","reward":0.10}"""u8.ToArray(), 3));
        Assert.Contains("reward", Checker.Difference(sent, """{"ordinal":3,"action_type":"a","reward":0.1}"""u8.ToArray(), 3), StringComparison.Ordinal);
        Assert.Contains("ordinal", Checker.Difference(sent, """{"ordinal":4,"action_type":"a","reward":0.10}"""u8.ToArray(), 3), StringComparison.Ordinal);
        Assert.Contains("1 are there", Checker.Difference(sent, """{"ordinal":3,"action_type":"a"}"""u8.ToArray(), 3), StringComparison.Ordinal);
    }
}
