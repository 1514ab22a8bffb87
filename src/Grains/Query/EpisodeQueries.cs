using DuckDB.NET.Data;
using DuckDB.NET.Native;
using Microsoft.Extensions.Options;

namespace Rollbook.Query;

/// <summary>Listings and statistics of projects: at most two seconds behind what was acknowledged.</summary>
internal sealed class EpisodeQueries : IDisposable
{
    private readonly QueryOptions options;
    private readonly TimeProvider time;
    private readonly SemaphoreSlim slots;

    /// <summary>Opens them; no file is read before the first query.</summary>
    public EpisodeQueries(IQuerySources sources, IOptions<QueryOptions> options, TimeProvider time)
    {
        (this.options, this.time) = (options.Value, time);
        if (this.options.SpillDirectory is { } directory) EpisodeTable.Clean(directory);
        slots = new SemaphoreSlim(this.options.ConcurrentListings);
        Tables = new ProjectTables(sources, this.options, time);
    }

    /// <summary>The tables behind them.</summary>
    public ProjectTables Tables { get; }

    /// <summary>A page of episodes, as of now where it is to be fresh, with their metadata and initial observations unless they are not wanted.</summary>
    /// <exception cref="QueryTimeoutException">It took too long.</exception>
    public Task<ListPage<ListedEpisode>> ListAsync(
        string project, EpisodeFilter filter, ListOrder order, int limit, ListCursor? after, CancellationToken cancellation, bool fresh = false, bool texts = true) =>
        ReadAsync(project, (session, token) => EpisodeListing.Read(session, project, filter, order, limit, after, texts, token), cancellation, fresh);

    /// <summary>A page of ids, as of now where it is to be fresh.</summary>
    /// <exception cref="QueryTimeoutException">It took too long.</exception>
    public Task<EpisodeIdPage> IdsAsync(string project, EpisodeFilter filter, EpisodeId? after, int limit, CancellationToken cancellation, bool fresh = false) =>
        ReadAsync(project, (session, token) => EpisodeIdPage.Read(session, filter, after, limit, token), cancellation, fresh);

    /// <summary>A page of workers.</summary>
    /// <exception cref="QueryTimeoutException">It took too long.</exception>
    public Task<ListPage<ListedWorker>> WorkersAsync(
        string project, EpisodeFilter filter, ListOrder order, int limit, ListCursor? after, CancellationToken cancellation) =>
        ReadAsync(project, (session, token) => WorkerListing.Read(session, filter, order, limit, after, token), cancellation);

    /// <summary>Statistics.</summary>
    /// <exception cref="QueryTimeoutException">They took too long.</exception>
    public Task<EpisodeStats> StatsAsync(string project, StatsRequest request, CancellationToken cancellation) =>
        ReadAsync(project, (session, token) => EpisodeStats.Read(session, request, token), cancellation);

    /// <inheritdoc/>
    public void Dispose()
    {
        Tables.Dispose();
        slots.Dispose();
    }

    private async Task<T> ReadAsync<T>(string project, Func<TableSession, CancellationToken, T> read, CancellationToken cancellation, bool fresh = false)
    {
        long? now = fresh ? time.GetTimestamp() : null;
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(options.ListingSeconds), time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellation, limit.Token);
        var pinned = false;
        try
        {
            using var lease = Tables.Take(project);
            await lease.Table.FreshAsync(now, both.Token);
            pinned = true;
            await slots.WaitAsync(both.Token);
            try
            {
                // The engine blocks the thread that asks.
                return await Task.Run(() => lease.Table.Read(session => read(session, both.Token)), both.Token);
            }
            finally
            {
                slots.Release();
            }
        }
        catch (DuckDBException error) when (error.ErrorType is DuckDBErrorType.Fatal or DuckDBErrorType.Internal)
        {
            // The engine refuses everything from now on.
            Tables.Forget(project);
            throw;
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            throw new QueryTimeoutException(pinned
                ? $"The query took longer than {options.ListingSeconds} s. Narrow it by a filter."
                : "The archive is still being read, which goes on. Ask again.");
        }
    }
}
