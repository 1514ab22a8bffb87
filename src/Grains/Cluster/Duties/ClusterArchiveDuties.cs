using Microsoft.Extensions.Logging;
using Rollbook.Archive;
using Rollbook.StepLog;

namespace Rollbook.Cluster;

/// <summary>The duties as the grains give them. Without an answer it is nobody's turn here, and the work is done later or elsewhere.</summary>
internal sealed partial class ClusterArchiveDuties(
    IGrainFactory grains, ILocalSiloDetails silo, TimeProvider time, ILogger<ClusterArchiveDuties> logger) : IArchiveDuties
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    public async ValueTask<(bool Mine, IReadOnlyCollection<LogId> Packed)> PackDeadAsync(IReadOnlyCollection<LogId> packed, CancellationToken cancellation)
    {
        var reply = await AskAsync("dead-logs", [.. packed.Select(static l => l.ToString())], cancellation);
        return (reply.Mine, [.. (reply.Packed ?? []).Select(LogId.Parse)]);
    }

    /// <inheritdoc/>
    public async ValueTask<bool> CompactAsync(string project, CancellationToken cancellation) => (await AskAsync($"project/{project}", [], cancellation)).Mine;

    private async ValueTask<DutyReply> AskAsync(string duty, string[] packed, CancellationToken cancellation)
    {
        try
        {
            return await grains.GetGrain<IDutyGrain>(duty).Turn(silo.SiloAddress.ToParsableString(), packed).WaitAsync(Longest, time, cancellation);
        }
        catch (Exception failure) when (!cancellation.IsCancellationRequested)
        {
            LogNotAsked(failure, duty);
            return default;
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Who has the duty {Duty} is not known at this moment.")]
    private partial void LogNotAsked(Exception failure, string duty);
}
