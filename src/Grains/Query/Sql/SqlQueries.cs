using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Rollbook.Query;

/// <summary>Statements of users, each in a process of its own.</summary>
internal sealed class SqlQueries(
    IQuerySources sources, EpisodeQueries episodes, QueryProgram program, IOptions<QueryOptions> options, TimeProvider time, ILogger<SqlQueries> log) : IDisposable
{
    // An answer begins when so much of it is there, or all: until then a refusal is an answer of its own.
    private const int BytesBeforeBegin = 256 * 1024;

    private readonly SemaphoreSlim slots = new(options.Value.ConcurrentSql);

    /// <summary>Begins a statement. The caller disposes the answer.</summary>
    /// <param name="project">The tenant.</param>
    /// <param name="sql">The statement.</param>
    /// <param name="format">How rows are written.</param>
    /// <param name="fresh">Archive what the logs hold first.</param>
    /// <param name="maxRows">The most rows; null = the most that is allowed.</param>
    /// <param name="cancellation">Ends it, also after this call returned.</param>
    /// <exception cref="SqlRefusedException">It has no answer.</exception>
    public async Task<SqlAnswer> BeginAsync(string project, string sql, SqlFormat format, bool fresh, int? maxRows, CancellationToken cancellation)
    {
        if (!slots.Wait(0, CancellationToken.None)) throw new SqlRefusedException(SqlRefusal.Busy, $"{options.Value.ConcurrentSql} statements run already. Send it again.");
        var run = new SqlRun(slots, options.Value, time, cancellation);
        try
        {
            return await BeginAsync(run, project, sql, format, fresh, maxRows);
        }
        catch (Exception error)
        {
            await run.DisposeAsync();
            var told = run.Explain(error);
            if (ReferenceEquals(told, error)) throw;
            throw told;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => slots.Dispose();

    private async Task<SqlAnswer> BeginAsync(SqlRun run, string project, string sql, SqlFormat format, bool fresh, int? maxRows)
    {
        long? after = null;
        if (fresh)
        {
            await sources.PackNowAsync(project, run.Token);
            after = time.GetTimestamp();
        }

        // Started before the rows are gathered: it needs a moment to get ready.
        run.Worker = QueryProcess.Start(program, log);
        using (var lease = episodes.Tables.Take(project))
        {
            await lease.Table.FreshAsync(after, run.Token);
            var (job, source, asOf) = await Task.Run(() => lease.Table.Read(session => (Job(session, sql, format, maxRows, run.Token), session.Source, session.AsOf)), run.Token);
            if (source.FetchSteps is { } fetch) job = WithSteps(job, await fetch(run.Token));
            await run.Worker.SendAsync(job, run.Token);
            var columns = await run.NextAsync(run.Token);
            var early = new Queue<SqlFrame>();
            for (long bytes = 0; bytes < BytesBeforeBegin;)
            {
                var frame = await run.NextAsync(run.Token);
                early.Enqueue(frame);
                if (frame.Kind == SqlFrameKind.Done) break;
                bytes += frame.Payload.Length;
            }

            return new SqlAnswer(source, asOf, columns.Payload, early, run.NextExplainedAsync, run) { RowLimit = job.MaxRows };
        }
    }

    private SqlJob Job(TableSession session, string sql, SqlFormat format, int? maxRows, CancellationToken cancellation)
    {
        var (bounds, source) = (options.Value, session.Source);
        var (replaced, live) = SqlJob.Rows(session, cancellation);
        var threads = QueryOptions.ThreadsOf(bounds.SqlThreads);
        var job = new SqlJob
        {
            Sql = sql,
            Format = format,
            MaxRows = Math.Min(maxRows ?? int.MaxValue, bounds.SqlRows),
            MaxBytes = (long)bounds.SqlAnswerMegabytes << 20,
            Megabytes = bounds.SqlMegabytes,
            Threads = threads,
            CpuSeconds = (int)Math.Ceiling(bounds.SqlSeconds * (threads + 1)) + 5,
            Episodes = [.. source.Episodes.Select(file => file.Path)],
            SealedSteps = [],
            PackedSteps = [],
            Scores = [.. source.Scores.Select(file => file.Path)],
            Deleted = [.. source.Deleted.Select(static id => id.ToString())],
            Replaced = replaced,
            Live = live,
        };
        return WithSteps(job, source.Steps);
    }

    private static SqlJob WithSteps(SqlJob job, IReadOnlyList<ArchivedFile> files) => job with
    {
        SealedSteps = [.. files.Where(static file => file.Sealed).Select(static file => file.Path)],
        PackedSteps = [.. files.Where(static file => !file.Sealed).Select(static file => file.Path)],
    };
}
