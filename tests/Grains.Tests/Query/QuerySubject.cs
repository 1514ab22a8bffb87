using Microsoft.Extensions.Options;
using Rollbook.Query;
using Rollbook.Testing;
using Rollbook.Testing.Query;
using Xunit;

namespace Rollbook.Grains.Tests.Query;

/// <summary>Queries over sources that a test sets, asked anew by every query.</summary>
internal sealed class QuerySubject : IDisposable
{
    public const string Project = EpisodeKey.DefaultProject;

    private readonly TempDirectory directory = new();

    public QuerySubject() => Queries = new EpisodeQueries(Sources, Options.Create(new QueryOptions { PinSeconds = 0, Threads = 2, SpillDirectory = Path.Combine(directory.Path, "spill") }), TimeProvider.System);

    public FakeSources Sources { get; } = new();

    public EpisodeQueries Queries { get; }

    public string Directory => directory.Path;

    public QuerySource Source
    {
        get => Sources.Projects.GetValueOrDefault(Project, QuerySource.Empty);
        set => Sources.Projects[Project] = value;
    }

    public static ListOrder Order(string name) => ListOrder.Episodes.Single(order => order.Name == name);

    public ArchivedFile File(string name, params IEnumerable<LiveEpisode> episodes) => ParquetFiles.Episodes(directory.Path, name, episodes);

    public Task<ListPage<ListedEpisode>> ListAsync(EpisodeFilter? filter = null, string order = "start_time", int limit = 1000, ListCursor? after = null) =>
        Queries.ListAsync(Project, filter ?? new EpisodeFilter(), Order(order), limit, after, TestContext.Current.CancellationToken);

    public void Dispose()
    {
        Queries.Dispose();
        directory.Dispose();
    }
}
