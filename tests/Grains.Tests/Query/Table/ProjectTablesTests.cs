using Microsoft.Extensions.Time.Testing;
using Rollbook.Query;
using Rollbook.Testing;
using Rollbook.Testing.Query;
using Xunit;

namespace Rollbook.Grains.Tests.Query.Table;

/// <summary>Which projects' tables stay in memory.</summary>
public sealed class ProjectTablesTests : IDisposable
{
    private readonly TempDirectory directory = new();
    private readonly FakeTimeProvider time = new();
    private readonly List<string> pins = [];
    private readonly ProjectTables tables;

    public ProjectTablesTests()
    {
        var sources = new FakeSources
        {
            OnPin = (project, _) =>
            {
                lock (pins) pins.Add(project);
                return Task.CompletedTask;
            },
        };
        tables = new ProjectTables(sources, new QueryOptions { Tables = 2, PinSeconds = 1, SpillDirectory = directory.Path }, time);
    }

    public void Dispose()
    {
        tables.Dispose();
        directory.Dispose();
    }

    [Fact]
    public async Task Take_BeyondTheLimit_DropsTheOneThatWasNotAskedForTheLongest()
    {
        foreach (var project in new[] { "a", "b", "a", "c", "a", "b" })
        {
            await UseAsync(project);
            time.Advance(TimeSpan.FromMilliseconds(1));
        }

        Assert.Equal(["a", "b", "c", "b"], pins);
        Assert.Equal(2, Directory.GetDirectories(directory.Path).Length);
    }

    [Fact]
    public async Task Forget_WhileItIsUsed_EndsItAfterwardsAndBeginsAnew()
    {
        using (var lease = tables.Take("a"))
        {
            await lease.Table.FreshAsync(null, TestContext.Current.CancellationToken);
            tables.Forget("a");
            Assert.Equal(0, lease.Table.Read(session => session.Missing.Count));
            Assert.Single(Directory.GetDirectories(directory.Path));
        }

        Assert.Empty(Directory.GetDirectories(directory.Path));
        await UseAsync("a");
        Assert.Equal(["a", "a"], pins);
    }

    [Fact]
    public void Clean_RemovesOnlyWhatTablesLeft()
    {
        Directory.CreateDirectory(Path.Combine(directory.Path, "table-1", "deep"));
        Directory.CreateDirectory(Path.Combine(directory.Path, "mine"));

        EpisodeTable.Clean(directory.Path);
        EpisodeTable.Clean(Path.Combine(directory.Path, "absent"));

        Assert.Equal(["mine"], Directory.GetDirectories(directory.Path).Select(Path.GetFileName));
    }

    private async Task UseAsync(string project)
    {
        using var lease = tables.Take(project);
        await lease.Table.FreshAsync(null, TestContext.Current.CancellationToken);
    }
}
