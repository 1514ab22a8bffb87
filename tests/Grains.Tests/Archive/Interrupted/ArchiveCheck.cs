using System.Security.Cryptography;
using Rollbook.Archive;
using Rollbook.Episodes;
using Rollbook.Grains.Tests.Episodes;
using Rollbook.Testing;
using Xunit;

namespace Rollbook.Grains.Tests.Archive.Interrupted;

/// <summary>Compares what silos serve and what the archive has with what callers know.</summary>
internal sealed class ArchiveCheck(RecorderBench bench, BenchSilo silo, IReadOnlyList<KnownEpisode> episodes)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Steps that were compared.</summary>
    public long Steps { get; private set; }

    /// <summary>Files whose hashes were proved.</summary>
    public long Files { get; private set; }

    /// <summary>Rounds of a silo until nothing changes any more: everything is packed, sealed and swept.</summary>
    public async Task SettleAsync()
    {
        long before;
        do
        {
            before = (await bench.ManifestAsync()).Version;
            await silo.Rounds.PackOwnAsync(Token);
            Assert.Equal(0, await silo.Rounds.PackDeadAsync(Token));
            bench.Time.Advance(TimeSpan.FromHours(1));
            await silo.Rounds.CompactAsync(Token);
        }
        while ((await bench.ManifestAsync()).Version != before);
    }

    /// <summary>All of it.</summary>
    public async Task RunAsync()
    {
        foreach (var episode in episodes) await CheckServedAsync(episode);
        var manifest = await bench.ManifestAsync();
        Assert.Null(manifest.Staged);
        await CheckFilesAsync(manifest);
        await CheckStepsAsync(manifest);
        await CheckRowsAsync(manifest);
    }

    private async Task CheckServedAsync(KnownEpisode known)
    {
        var owner = silo.Activate(known.Key);
        var view = await owner.ReadAsync();
        if (!known.Opened && view.Code == RollbookCode.EpisodeNotFound) return;
        Assert.Equal(RollbookCode.Ok, view.Code);
        var lines = new List<string>();
        while (await owner.ReadStepsAsync(lines.Count, 64, TimeSpan.Zero) is var page && page.Steps.Count > 0)
        {
            Assert.Equal(RollbookCode.Ok, page.Code);
            lines.AddRange(TestSteps.Lines(page.Steps));
        }

        Assert.InRange(lines.Count, known.Acknowledged, known.Sent);
        Assert.Equal(TestSteps.Lines(TestSteps.Range(known.Salt, 0, lines.Count)), lines);
        Steps += lines.Count;
        Assert.Equal(lines.Count, view.Record!.StepCount);
        if (known.Ended) Assert.Equal(EpisodeStatus.Completed, view.Record.Status);
        if (!known.EndSent) Assert.Equal(EpisodeStatus.Running, view.Record.Status);
        if (known is { Ended: true, FinalScore: { } score } && !double.IsNaN(score)) Assert.Equal(score, view.Record.FinalScore);
        var scores = (await owner.ReadScoresAsync(0, 100)).Scores;
        Assert.Equal(scores.Count, scores.Select(static s => s.EventId).Distinct().Count());
        Assert.Subset(known.ScoresSent.Keys.ToHashSet(), scores.Select(static s => s.EventId).ToHashSet());
        Assert.Superset(known.Scored, scores.Select(static s => s.EventId).ToHashSet());
        Assert.All(scores, s => Assert.Equal(known.ScoresSent[s.EventId], s.Value));
        owner.Leave();
    }

    private async Task CheckFilesAsync(Manifest manifest)
    {
        var listed = manifest.Packs.SelectMany(static p => p.Files).ToDictionary(static f => f.Name);
        foreach (var file in listed.Values)
        {
            await using var stored = await bench.Archive.OpenAsync(file.Name, Token);
            Assert.True(stored is not null, $"{file.Name} is listed and not there");
            Assert.Equal(file.Bytes, stored.Length);
            Assert.Equal(file.Sha256, Convert.ToHexStringLower(await SHA256.HashDataAsync(stored.Content, Token)));
            Files++;
        }

        var there = await bench.Archive.ListAsync(ArchivePaths.Projects, Token).Select(static e => e.Name).ToListAsync(Token);
        Assert.DoesNotContain(there, n => !listed.ContainsKey(n) && n != ArchivePaths.Manifest(EpisodeKey.DefaultProject));
    }

    private async Task CheckStepsAsync(Manifest manifest)
    {
        var found = new Dictionary<(EpisodeId, long), string>();
        await using var readers = new PackReaders(bench.Archive, TaskScheduler.Default);
        foreach (var pack in manifest.Packs.Where(static p => p.Steps is not null))
        {
            await using var lease = await readers.StepsAsync(pack.Steps!.Name, Token);
            Assert.Equal(pack.Steps.Rows, lease.Reader.Rows);
            foreach (var step in lease.Reader.ReadAll())
            {
                Assert.True(
                    found.TryAdd((step.Episode, step.Ordinal), Assert.Single(TestSteps.Lines(new EncodedSteps(1, step.Entry.ToArray())))),
                    $"step {step.Ordinal} of {step.Episode} stands in two packs");
            }
        }

        foreach (var known in episodes)
        {
            var lines = TestSteps.Lines(TestSteps.Range(known.Salt, 0, known.Acknowledged));
            for (var i = 0; i < lines.Count; i++) Assert.Equal(lines[i], found.GetValueOrDefault((known.Key.Id, i)));
        }
    }

    private async Task CheckRowsAsync(Manifest manifest)
    {
        var rows = new List<(EpisodeRow Row, bool Sealed)>();
        foreach (var pack in manifest.Packs.Where(static p => p.Episodes is not null))
        {
            var read = await bench.RowsAsync(pack.Episodes!);
            Assert.Equal(pack.Episodes!.Rows, read.Count);
            rows.AddRange(read.Select(r => (r, pack.Day is not null)));
        }

        var held = await silo.Log.EpisodesAsync(EpisodeKey.DefaultProject, Token);
        foreach (var known in episodes.Where(static e => e.Ended))
        {
            // Everything is packed, so no live row may speak of it.
            Assert.DoesNotContain(held.Episodes, e => e.Record.Key == known.Key);
            var mine = rows.FindAll(r => r.Row.Record.Key == known.Key);
            Assert.Single(mine, static r => r.Sealed);
            var newest = mine.MaxBy(static r => (r.Row.Term, r.Row.Chunk, r.Row.Place)).Row;
            Assert.Equal(EpisodeStatus.Completed, newest.Record.Status);
            Assert.True(newest.Record.StepCount >= known.Acknowledged);
            if (known.FinalScore is { } score && !double.IsNaN(score)) Assert.Equal(score, newest.Record.FinalScore);
        }

        foreach (var known in episodes.Where(static e => e.Opened && !e.EndSent))
        {
            Assert.DoesNotContain(rows, r => r.Row.Record.Key == known.Key);
            Assert.Single(held.Episodes, e => e.Record.Key == known.Key);
        }
    }
}
