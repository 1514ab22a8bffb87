using Microsoft.Extensions.Options;
using Rollbook.Archive;
using Rollbook.Episodes;
using Rollbook.Grains.Tests.Episodes;
using Rollbook.Query;
using Rollbook.StepLog;
using Rollbook.Testing;
using Xunit;

namespace Rollbook.Grains.Tests.Archive.Deletion;

/// <summary>Some episodes in all places where one can lie, and looks at everything that is left of them.</summary>
internal sealed class DeletionBench : IDisposable
{
    public const int Sealed = 3;
    public const int Packed = 2;
    public const int Fresh = 2;
    public const int Steps = 12;

    private readonly TempDirectory directory = new();
    private readonly Dictionary<string, LogId> logsOfDays = [];

    private DeletionBench(RecorderBench bench, BenchSilo silo) => (Bench, Silo) = (bench, silo);

    public RecorderBench Bench { get; }

    public BenchSilo Silo { get; private set; }

    /// <summary>In this order: whole in a day file, ended in a pack, ended in the log alone.</summary>
    public List<EpisodeKey> Keys { get; } = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static async Task<DeletionBench> StartAsync()
    {
        var bench = new RecorderBench();
        bench.ArchiveOptions.EraseSeconds = 1;
        bench.Time.Advance(TimeSpan.FromDays(10));
        var subject = new DeletionBench(bench, await bench.StartAsync());
        await subject.RecordAsync(Sealed);
        await subject.Silo.Rounds.PackOwnAsync(Token);
        bench.Time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(Sealed, await subject.Silo.Rounds.CompactAsync(Token));
        await subject.LearnDaysAsync();
        await subject.RecordAsync(Packed);
        await subject.Silo.Rounds.PackOwnAsync(Token);
        await subject.RecordAsync(Fresh);
        return subject;
    }

    public static List<string> LinesOf(int index) => TestSteps.Lines(TestSteps.Range(Salt(index), 0, Steps));

    public async Task<DeletionAnswer> DeleteAsync(params int[] indexes) =>
        await Silo.Deletions.DeleteAsync(EpisodeKey.DefaultProject, [.. indexes.Select(i => new DoomedEpisode(Keys[i].Id, Steps, false, false))], false, Token);

    /// <summary>Another process takes over: the one before is cut off at once.</summary>
    public async Task RestartAsync()
    {
        Bench.Faults = new StoreFaults();
        Bench.Kill(Silo);
        Silo = await Bench.StartAsync();
        await Bench.RecoverAsync(Silo);
    }

    /// <summary>Rounds until nothing changes: files that were dropped have gone, too.</summary>
    public async Task RoundsAsync()
    {
        for (var round = 0; round < 4; round++)
        {
            await Silo.Rounds.PackOwnAsync(Token);
            await Silo.Rounds.PackDeadAsync(Token);
            Bench.Time.Advance(TimeSpan.FromMinutes(15));
            await Silo.Rounds.CompactAsync(Token);
        }
    }

    /// <summary>Asserts that of all episodes just these are deleted, and that the others are what was recorded.</summary>
    public async Task CheckReadsAsync(params int[] deleted)
    {
        for (var i = 0; i < Keys.Count; i++)
        {
            var page = await Silo.Activate(Keys[i]).ReadStepsAsync(0, Steps, TimeSpan.Zero);
            var view = await Silo.Activate(Keys[i]).ReadAsync();
            if (deleted.Contains(i))
            {
                Assert.Equal((RollbookCode.EpisodeDeleted, RollbookCode.EpisodeDeleted), (page.Code, view.Code));
                continue;
            }

            Assert.Equal((RollbookCode.Ok, RollbookCode.Ok), (page.Code, view.Code));
            Assert.Equal(LinesOf(i), TestSteps.Lines(page.Steps));
            Assert.Equal("kept", Assert.Single(view.Record!.Labels));
            Assert.Equal("s", Assert.Single((await Silo.Activate(Keys[i]).ReadScoresAsync(0, 10)).Scores).EventId);
        }
    }

    /// <summary>Asserts that just these are deleted.</summary>
    public async Task CheckDeletedAsync(params int[] deleted)
    {
        for (var i = 0; i < Keys.Count; i++)
            Assert.Equal((i, deleted.Contains(i) ? RollbookCode.EpisodeDeleted : RollbookCode.Ok), (i, (await Silo.Activate(Keys[i]).ReadAsync()).Code));
    }

    /// <summary>The episodes that listings have, by index.</summary>
    public async Task<List<int>> ListedAsync()
    {
        using var queries = Queries();
        var page = await queries.ListAsync(EpisodeKey.DefaultProject, new EpisodeFilter(), ListOrder.Episodes[0], 100, null, Token);
        return [.. page.Items.Select(e => Keys.IndexOf(e.Record.Key)).Order()];
    }

    public EpisodeQueries Queries() => new(
        Silo.Sources, Options.Create(new QueryOptions { PinSeconds = 0, Threads = 1, SpillDirectory = Path.Combine(directory.Path, Guid.NewGuid().ToString("N")) }), TimeProvider.System);

    /// <summary>The episodes of which any file of the archive has anything, by index: listed or not, and all of its rows read.</summary>
    public async Task<List<int>> InFilesAsync()
    {
        var found = new HashSet<EpisodeId>();
        await LearnDaysAsync();
        await using var readers = new PackReaders(Bench.Archive, TaskScheduler.Default);
        await foreach (var entry in Bench.Archive.ListAsync(ArchivePaths.Projects, Token))
        {
            if (entry.Name.EndsWith(".json", StringComparison.Ordinal)) continue;
            if (entry.Name.Contains("/steps/", StringComparison.Ordinal) || entry.Name.Contains(".steps.", StringComparison.Ordinal))
            {
                await using var lease = await readers.StepsAsync(entry.Name, Token);
                foreach (var step in lease.Reader.ReadAll()) found.Add(step.Episode);
            }
            else if (entry.Name.Contains("/episodes/", StringComparison.Ordinal) || entry.Name.Contains(".episodes.", StringComparison.Ordinal))
            {
                found.UnionWith((await readers.EpisodesAsync(entry.Name, EpisodeKey.DefaultProject, Token)).Select(static r => r.Record.Key.Id));
            }
            else if (entry.Name.Contains("/scores/", StringComparison.Ordinal) || entry.Name.Contains(".scores.", StringComparison.Ordinal))
            {
                found.UnionWith((await readers.ScoresAsync(entry.Name, Token)).Select(static s => s.Episode));
            }
            else
            {
                var log = entry.Name.Contains("/date=", StringComparison.Ordinal)
                    ? logsOfDays[entry.Name]
                    : LogId.Parse(entry.Name.Split('/')[3]);
                await using var lease = await readers.FramesAsync(entry.Name, log, Token);
                await foreach (var (_, _, bytes) in lease.Reader.AllAsync(lease.Content, Token))
                {
                    Assert.True(FrameCodec.TryRead(bytes.Span, out var frame));
                    found.Add(frame.Episode);
                }
            }
        }

        return [.. Enumerable.Range(0, Keys.Count).Where(i => found.Contains(Keys[i].Id))];
    }

    public void Dispose() => directory.Dispose();

    private static string Salt(int index) => $"marker-{index}";

    // A day's file doesn't name its log.
    private async Task LearnDaysAsync()
    {
        foreach (var pack in (await Bench.ManifestAsync()).Packs)
            if (pack.Frames is { } frames) logsOfDays[frames.Name] = pack.Log;
    }

    private async Task RecordAsync(int count)
    {
        for (var i = 0; i < count; i++)
        {
            var (owner, key) = await Silo.OpenAsync();
            await owner.AppendAsync(BenchSilo.Batch(0, Steps, Salt(Keys.Count)));
            await owner.LabelAsync(new LabelEvent { EventId = "l", Add = ["kept"], Remove = [] });
            await owner.ScoreAsync([new ScoreEvent { EventId = "s", Name = "style", Value = 1, Source = "test" }]);
            await owner.EndAsync(BenchSilo.Completed(Steps));
            owner.Leave();
            Keys.Add(key);
        }
    }
}
