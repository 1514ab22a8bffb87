using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Logging.Abstractions;
using Rollbook.Archive;
using Rollbook.Episodes;
using Rollbook.Grains.Tests.Episodes;
using Xunit;

namespace Rollbook.Grains.Tests.Archive.Deletion;

/// <summary>What is old enough goes by itself, once an hour.</summary>
public sealed class RetentionTests
{
    private static readonly string[] Projects = [EpisodeKey.DefaultProject];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Run_WithARule_DeletesWhatIsOldEnoughOnceAnHour()
    {
        using var subject = await DeletionBench.StartAsync();
        using var queries = subject.Queries();
        var bench = subject.Bench;
        var (running, key) = await subject.Silo.OpenAsync();
        await running.AppendAsync(BenchSilo.Batch(0, 1));
        await subject.Silo.Activate(subject.Keys[0]).LabelAsync(new LabelEvent { EventId = "p", Add = ["pinned"], Remove = [] });
        // The first three ended an hour before the others.
        bench.ArchiveOptions.Retention.Add(new RetentionRule { OlderThanDays = 1 });
        var retention = new Retention(subject.Silo.Deletions, () => queries, bench.ArchiveOptions, bench.Time, NullLogger<Retention>.Instance);
        bench.Time.Advance(TimeSpan.FromHours(23.5));

        var receipt = Assert.Single(await retention.RunAsync(Projects, Token));

        Assert.Equal((2L, 2L * DeletionBench.Steps), (receipt.Episodes, receipt.Steps));
        await subject.CheckDeletedAsync(1, 2);
        Assert.Equal(RollbookCode.Ok, (await subject.Silo.Activate(key).ReadAsync()).Code);
        bench.Time.Advance(TimeSpan.FromMinutes(40));
        Assert.Empty(await retention.RunAsync(Projects, Token));
        bench.Time.Advance(TimeSpan.FromMinutes(20));
        Assert.Equal(4, Assert.Single(await retention.RunAsync(Projects, Token)).Episodes);
        await subject.CheckDeletedAsync(1, 2, 3, 4, 5, 6);
        bench.Time.Advance(TimeSpan.FromHours(1));
        Assert.Empty(await retention.RunAsync(Projects, Token));
    }

    [Fact]
    public async Task Run_WithConditions_DeletesOnlyWhatAllOfThemHoldFor()
    {
        using var subject = await DeletionBench.StartAsync();
        using var queries = subject.Queries();
        await subject.Silo.Activate(subject.Keys[4]).LabelAsync(new LabelEvent { EventId = "p", Add = ["old"], Remove = [] });
        foreach (var rule in new[]
        {
            new RetentionRule { OlderThanDays = 0.001, Label = "old" }, new RetentionRule { OlderThanDays = 0.001, Task = "another" },
            new RetentionRule { OlderThanDays = 0.001, Status = "aborted" },
        }) subject.Bench.ArchiveOptions.Retention.Add(rule);
        subject.Bench.Time.Advance(TimeSpan.FromDays(1));

        await new Retention(subject.Silo.Deletions, () => queries, subject.Bench.ArchiveOptions, subject.Bench.Time, NullLogger<Retention>.Instance).RunAsync(Projects, Token);

        await subject.CheckDeletedAsync(4);
    }

    [Fact]
    public void Due_WithoutARule_IsNever()
    {
        var bench = new RecorderBench();
        Assert.False(new Retention(null!, null!, bench.ArchiveOptions, bench.Time, NullLogger<Retention>.Instance).Due);
    }

    [Theory]
    [InlineData(null, null, null, "Archive:Retention:1:OlderThanDays")]
    [InlineData(0.0, null, null, "Archive:Retention:1:OlderThanDays")]
    [InlineData(1e9, null, null, "Archive:Retention:1:OlderThanDays")]
    [InlineData(double.NaN, null, null, "Archive:Retention:1:OlderThanDays")]
    [InlineData(1.0, "running", null, "Archive:Retention:1:Status")]
    [InlineData(1.0, "done", null, "Archive:Retention:1:Status")]
    [InlineData(1.0, null, "pinned", "Archive:Retention:1:Label")]
    [InlineData(1.0, "lost", "x", null)]
    public void Validate_NamesTheKeyOfABadRule(double? days, string? status, string? label, string? key)
    {
        var options = new ArchiveOptions { Retention = { new RetentionRule { OlderThanDays = 30 }, new RetentionRule { OlderThanDays = days, Status = status, Label = label } } };
        var wrong = new List<ValidationResult>();

        Assert.Equal(key is null, Validator.TryValidateObject(options, new ValidationContext(options), wrong, validateAllProperties: true));
        if (key is not null) Assert.StartsWith(key, Assert.Single(wrong).ErrorMessage, StringComparison.Ordinal);
    }
}
