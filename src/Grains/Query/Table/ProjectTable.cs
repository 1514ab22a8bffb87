using DuckDB.NET.Data;

namespace Rollbook.Query;

/// <summary>A project's table and its freshness: one pin at a time, shared by all who wait for it.</summary>
internal sealed class ProjectTable(string project, IQuerySources sources, QueryOptions options, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan LongestPin = TimeSpan.FromMinutes(2);

    private readonly Lock gate = new();
    private readonly TimeSpan good = TimeSpan.FromSeconds(options.PinSeconds);
    private Generation current = new(new EpisodeTable(options));
    private Task<Pinned>? pinning;
    private Pinned? newest;
    private long outdated = long.MinValue;

    /// <summary>A pin that is in the table.</summary>
    /// <param name="Source">What was pinned.</param>
    /// <param name="Began">The timestamp before the pin: everything acknowledged until then is in it.</param>
    public sealed record Pinned(QuerySource Source, long Began);

    /// <summary>Makes sure that the table is as fresh as promised.</summary>
    /// <param name="after">A timestamp: the pin must have begun after it. Null = the usual freshness.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public async ValueTask<Pinned> FreshAsync(long? after, CancellationToken cancellation)
    {
        while (true)
        {
            Task<Pinned> wait;
            lock (gate)
            {
                after = outdated > (after ?? long.MinValue) && !(newest?.Began >= outdated) ? outdated : after;
                if (newest is { } known)
                {
                    var age = time.GetElapsedTime(known.Began);
                    if (after is { } bound ? known.Began >= bound : age < good) return known;
                    // While the next one is fetched, this one is still within the promise.
                    if (after is null && age < 2 * good)
                    {
                        Begin();
                        return known;
                    }
                }

                wait = Begin();
            }

            var pinned = await wait.WaitAsync(cancellation);
            // A pin that was under way may have begun too early.
            if (after is not { } least || pinned.Began >= least) return pinned;
        }
    }

    /// <summary>What was pinned before this call counts no more: something was taken out that nobody may see again.</summary>
    public void Outdate()
    {
        lock (gate) outdated = time.GetTimestamp();
    }

    /// <summary>Reads the newest pinned moment on this thread.</summary>
    public T Read<T>(Func<TableSession, T> read)
    {
        Generation reading;
        lock (gate)
        {
            reading = current;
            reading.Users++;
        }

        try
        {
            using var session = reading.Table.Open();
            return read(session);
        }
        finally
        {
            Return(reading);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // A pin that is under way would write into the table: it ends first.
        try
        {
            pinning?.Wait();
        }
        catch (AggregateException)
        {
            // It failed; those who waited for it know.
        }

        Return(current);
    }

    private Task<Pinned> Begin()
    {
        if (pinning is { IsCompleted: false } running) return running;
        pinning = Task.Run(PinAsync);
        // A background pin's failure is seen by the next one that has to wait.
        pinning.ContinueWith(static task => _ = task.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        return pinning;
    }

    private async Task<Pinned> PinAsync()
    {
        using var limit = new CancellationTokenSource(LongestPin, time);
        var began = time.GetTimestamp();
        var source = await sources.PinAsync(project, limit.Token);
        if (!current.Table.IsWorn || !Renew(source)) current.Table.Apply(source);
        var pinned = new Pinned(source, began);
        lock (gate) newest = pinned;
        return pinned;
    }

    /// <summary>Reads the archive into a new table, which takes the place of the old one; false = it could not, and the old one goes on.</summary>
    private bool Renew(QuerySource source)
    {
        var table = new EpisodeTable(options);
        try
        {
            table.Apply(source);
        }
        catch (DuckDBException)
        {
            table.Dispose();
            current.Table.KeepWorn();
            return false;
        }

        var old = current;
        lock (gate) current = new Generation(table);
        Return(old);
        return true;
    }

    private void Return(Generation generation)
    {
        lock (gate)
            if (--generation.Users > 0) return;
        generation.Table.Dispose();
    }

    /// <summary>A table and who needs it: this project, as long as it is the newest one, and its readers.</summary>
    private sealed class Generation(EpisodeTable table)
    {
        public EpisodeTable Table => table;

        public int Users { get; set; } = 1;
    }
}
