namespace Rollbook.Query;

/// <summary>One statement's place, clock and worker, from its start to the last byte of its answer.</summary>
internal sealed class SqlRun : IAsyncDisposable
{
    private readonly SemaphoreSlim slots;
    private readonly QueryOptions options;
    private readonly CancellationToken caller;
    private readonly CancellationTokenSource clock;
    private readonly CancellationTokenSource both;
    private int disposed;

    /// <summary>Begins; the place is taken already, and given back when this is disposed.</summary>
    public SqlRun(SemaphoreSlim slots, QueryOptions options, TimeProvider time, CancellationToken caller)
    {
        (this.slots, this.options, this.caller) = (slots, options, caller);
        clock = new CancellationTokenSource(TimeSpan.FromSeconds(options.SqlSeconds), time);
        both = CancellationTokenSource.CreateLinkedTokenSource(caller, clock.Token);
        Token = both.Token;
    }

    /// <summary>Ends when the time is over or the caller has gone.</summary>
    public CancellationToken Token { get; }

    /// <summary>The process, once it is started.</summary>
    public QueryProcess? Worker { get; set; }

    /// <summary>The next frame.</summary>
    /// <exception cref="SqlRefusedException">The worker refused, or ended without a word.</exception>
    public async ValueTask<SqlFrame> NextAsync(CancellationToken cancellation)
    {
        var frame = await SqlFrame.ReadAsync(Worker!.Output, cancellation);
        if (frame is { Kind: SqlFrameKind.Refused } refused)
        {
            var why = SqlWire.Read<SqlWire.Refused>(refused.Payload);
            throw new SqlRefusedException(why.Refusal, why.Message) { Line = why.Line, Column = why.Column };
        }

        if (frame is { } known) return known;
        // Killed by the kernel: over its memory or its processor time. Exit codes above 128 are signals.
        var code = await Worker.ExitAsync(cancellation);
        throw new SqlRefusedException(
            code > 128 ? SqlRefusal.Limit : SqlRefusal.Failed, code > 128 ? SqlErrors.Memory : $"The process that ran the statement ended with code {code}.");
    }

    /// <summary>The same, where the time being over is told as a refusal.</summary>
    public async ValueTask<SqlFrame> NextExplainedAsync(CancellationToken cancellation)
    {
        using var all = CancellationTokenSource.CreateLinkedTokenSource(cancellation, Token);
        try
        {
            return await NextAsync(all.Token);
        }
        catch (OperationCanceledException error)
        {
            throw Explain(error);
        }
    }

    /// <summary>An exception as the caller should see it.</summary>
    public Exception Explain(Exception error)
    {
        if (clock.IsCancellationRequested && !caller.IsCancellationRequested && error is OperationCanceledException or IOException)
            return new SqlRefusedException(SqlRefusal.Limit, $"The statement took longer than {options.SqlSeconds} s and was stopped. Filter by episode_id or read fewer columns.");
        // A pipe that breaks: the worker ended before it heard its job.
        return error is IOException ? new SqlRefusedException(SqlRefusal.Failed, $"The process that runs the statement ended: {error.Message}") : error;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref disposed, 1) != 0) return;
        if (Worker is not null) await Worker.DisposeAsync();
        both.Dispose();
        clock.Dispose();
        slots.Release();
    }
}
