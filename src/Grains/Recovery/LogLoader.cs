using Microsoft.Extensions.Logging;
using Rollbook.StepLog;

namespace Rollbook.Recovery;

/// <summary>Fences dead logs and reads them, and sets a damaged chunk aside after three tries: what lies before it is recovered.</summary>
internal sealed partial class LogLoader(ILogRegistry registry, IStepLogStorage storage, ILogIndexStore indexes, ILogger logger, LogId? reader)
{
    private const int TriesBeforeQuarantine = 3;

    private readonly LogFence fence = new(registry, storage, reader);
    private readonly LogPass pass = new(storage, indexes);

    /// <summary>Fences a log whose silo is dead.</summary>
    public async ValueTask<LogRow> FenceAsync(LogId log, CancellationToken cancellation)
    {
        for (var failures = 1; ; failures++)
        {
            try
            {
                return await fence.FenceAsync(log, cancellation);
            }
            catch (LogCorruptException damage) when (failures < TriesBeforeQuarantine)
            {
                LogDamage(damage);
            }
            catch (LogCorruptException damage)
            {
                return await QuarantineAsync(log, damage, cancellation);
            }
        }
    }

    /// <summary>Fences a log and passes over it: when it returns, indexes and tails are durable.</summary>
    public async Task<DeadLog> LoadAsync(LogId log, CancellationToken cancellation)
    {
        var row = await FenceAsync(log, cancellation);
        for (var failures = 1; ; failures++)
        {
            try
            {
                return await pass.RunAsync(row, cancellation);
            }
            catch (ChunkTrimmedException)
            {
                // Another silo recovered it, packed it and freed it meanwhile: the row says how far.
                var now = await FenceAsync(log, cancellation);
                if (now.ETag == row.ETag) throw;
                row = now;
            }
            catch (LogCorruptException damage) when (failures < TriesBeforeQuarantine)
            {
                LogDamage(damage);
            }
            catch (LogCorruptException damage)
            {
                row = await QuarantineAsync(log, damage, cancellation);
                failures = 0;
            }
        }
    }

    private async ValueTask<LogRow> QuarantineAsync(LogId log, LogCorruptException damage, CancellationToken cancellation)
    {
        LogQuarantine(damage, log, damage.Number);
        while (true)
        {
            var row = await registry.ReadAsync(log, cancellation) ?? throw damage;
            if (row.Quarantined <= damage.Number) return row;
            var set = row with
            {
                State = row.State < LogState.Fenced ? LogState.Fenced : row.State,
                Fence = row.Fence ?? damage.Number,
                Quarantined = damage.Number,
                Failures = TriesBeforeQuarantine,
            };
            if (await registry.ReplaceAsync(set, cancellation) is { } stored) return stored;
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A dead log can't be read whole; trying again.")]
    private partial void LogDamage(Exception damage);

    [LoggerMessage(Level = LogLevel.Critical, Message = "The log {Log} is damaged at chunk {Chunk}: it is read up to there. Episodes that it left unfinished end as lost (damaged). Nothing was deleted.")]
    private partial void LogQuarantine(Exception damage, LogId log, long chunk);
}
