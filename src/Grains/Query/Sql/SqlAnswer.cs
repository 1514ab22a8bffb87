using System.Runtime.CompilerServices;

namespace Rollbook.Query;

/// <summary>An answer that has begun: its columns are known, its rows come. The caller disposes it, which ends the worker.</summary>
internal sealed class SqlAnswer : IAsyncDisposable
{
    private readonly IAsyncDisposable owner;
    private readonly Func<CancellationToken, ValueTask<SqlFrame>> next;
    private readonly Queue<SqlFrame> early;

    /// <summary>Made by <see cref="SqlQueries"/>.</summary>
    public SqlAnswer(QuerySource source, double? asOf, byte[] columns, Queue<SqlFrame> early, Func<CancellationToken, ValueTask<SqlFrame>> next, IAsyncDisposable owner)
    {
        (Missing, AsOf, Columns, this.early, this.next, this.owner) = (source.Missing, asOf, columns, early, next, owner);
        if (early.LastOrDefault() is { Kind: SqlFrameKind.Done } done) End = SqlWire.Read<SqlWire.Done>(done.Payload);
    }

    /// <summary>When the newest pack was made, Unix seconds; null = there is none.</summary>
    public double? AsOf { get; }

    /// <summary>Names of the logs that did not answer.</summary>
    public IReadOnlyList<string> Missing { get; }

    /// <summary>A JSON array of <c>{name, type}</c>.</summary>
    public ReadOnlyMemory<byte> Columns { get; }

    /// <summary>How it ended; null until all rows were read, but of a small answer known from the start.</summary>
    public SqlWire.Done? End { get; private set; }

    /// <summary>The most rows that it may have.</summary>
    public required int RowLimit { get; init; }

    /// <summary>The rows, in runs of bytes.</summary>
    /// <exception cref="SqlRefusedException">There is no rest: what was given is not the whole answer.</exception>
    public async IAsyncEnumerable<ReadOnlyMemory<byte>> RowsAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        while (true)
        {
            var frame = early.TryDequeue(out var known) ? known : await next(cancellation);
            if (frame.Kind == SqlFrameKind.Rows)
            {
                yield return frame.Payload;
                continue;
            }

            End ??= SqlWire.Read<SqlWire.Done>(frame.Payload);
            yield break;
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => owner.DisposeAsync();
}
