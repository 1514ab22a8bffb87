using Rollbook.Access;

namespace Rollbook.Silo.Http;

/// <summary>Writes once a minute when which keys were last used here.</summary>
internal sealed partial class KeyUseReport(AccessGate gate, KeyCopy keys, IGrainFactory grains, TimeProvider time, ILogger<KeyUseReport> log) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(1);

    /// <summary>Writes it now.</summary>
    public async Task WriteAsync()
    {
        KeyUse[] uses = [.. keys.Keys.Where(static key => key.LastUsed > (key.Record.LastUsedAt ?? 0)).Select(static key => new KeyUse(key.Record.Id, key.LastUsed))];
        if (uses.Length > 0) await grains.GetGrain<IKeyRingGrain>(0).Used(uses);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (gate.IsOpen) return;
        using var timer = new PeriodicTimer(Every, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await WriteAsync();
            }
            catch (Exception failure)
            {
                // The next minute tells the same and more.
                LogNotWritten(log, failure);
            }
        }
    }

    [LoggerMessage(1, LogLevel.Debug, "The keys' last uses were not written.")]
    private static partial void LogNotWritten(ILogger log, Exception failure);
}
