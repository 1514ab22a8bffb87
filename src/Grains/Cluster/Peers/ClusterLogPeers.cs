using System.Net;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Rollbook.Episodes;
using Rollbook.StepLog;

namespace Rollbook.Cluster;

/// <summary>
/// The log services of all silos, found by the registry's rows. Who is dead is said by membership, and by a silo that has another log than its address once had; whether it
/// really is matters to nobody's steps, since a dead log is fenced before its tail is read.
/// </summary>
internal sealed partial class ClusterLogPeers : ILogPeers
{
    private readonly LogService own;
    private readonly WriteAheadLog log;
    private readonly ILogServiceClient services;
    private readonly IClusterMembershipService membership;
    private readonly ClusterOptions options;
    private readonly TimeProvider time;
    private readonly ILogger<ClusterLogPeers> logger;
    private readonly SilentLogs silent;
    private readonly SharedRefresh refresh;

    public ClusterLogPeers(
        LogService own, WriteAheadLog log, ILogServiceClient services, IClusterMembershipService membership, IOptions<ClusterOptions> options, TimeProvider time,
        ILogger<ClusterLogPeers> logger)
    {
        (this.own, this.log, this.services, this.membership, this.options, this.time, this.logger) = (own, log, services, membership, options.Value, time, logger);
        silent = new SilentLogs(TimeSpan.FromSeconds(options.Value.FenceSilentSeconds), time);
        refresh = new SharedRefresh(() => membership.Refresh(default, CancellationToken.None).AsTask());
    }

    private TimeSpan CallTime => TimeSpan.FromSeconds(options.CallSeconds);

    /// <inheritdoc/>
    public async ValueTask<ReleaseReply> ReleaseAsync(LogRow owner, EpisodeKey key, long term, CancellationToken cancellation)
    {
        if (owner.Log == own.Log) return await own.ReleaseAsync(key, term, cancellation);
        if (await IsGoneAsync(owner, cancellation)) return new ReleaseReply(ReleaseOutcome.Dead, null);
        var askedAt = time.GetTimestamp();
        var answer = await AskAsync(owner, service => service.Release(owner.Log.ToString(), key, term), CallTime, cancellation);
        switch (answer?.Outcome)
        {
            case PeerOutcome.Ok:
                silent.Answered(owner.Log);
                return new ReleaseReply(ReleaseOutcome.Released, answer.Tail is { } tail ? TailCodec.Read(key, tail) : null);
            case PeerOutcome.NotMine:
                return new ReleaseReply(ReleaseOutcome.Dead, null);
        }

        // It may have died while it was asked.
        if (await IsGoneAsync(owner, cancellation, look: true)) return new ReleaseReply(ReleaseOutcome.Dead, null);
        if (!silent.Failed(owner.Log, askedAt)) return new ReleaseReply(ReleaseOutcome.NoAnswer, null);
        LogSilent(owner.Log, owner.Address, options.FenceSilentSeconds);
        return new ReleaseReply(ReleaseOutcome.Dead, null);
    }

    /// <inheritdoc/>
    public async ValueTask<bool> IsDeadAsync(LogRow owner, CancellationToken cancellation)
    {
        if (owner.Log == own.Log) return false;
        if (await IsGoneAsync(owner, cancellation)) return true;
        return await AskAsync(owner, async service => (PeerOutcome?)await service.Owns(owner.Log.ToString()), CallTime, cancellation) == PeerOutcome.NotMine;
    }

    /// <inheritdoc/>
    public async ValueTask<List<IndexEntry>?> FramesAsync(LogRow owner, EpisodeKey key, long from, int limit, CancellationToken cancellation)
    {
        if (owner.Log == own.Log) return await log.FramesOfAsync(key, from, limit, cancellation);
        var answer = await AskAsync(owner, service => service.Frames(owner.Log.ToString(), key, from, limit), CallTime, cancellation);
        return answer is { Outcome: PeerOutcome.Ok } ? [.. answer.Frames.Select(f => f.Entry(key))] : null;
    }

    /// <inheritdoc/>
    public async ValueTask<HeldEpisodes?> HeldAsync(LogRow owner, string project, CancellationToken cancellation)
    {
        if (owner.Log == own.Log) return await log.EpisodesAsync(project, cancellation);
        var answer = await AskAsync(owner, service => service.Held(owner.Log.ToString(), project), TimeSpan.FromSeconds(options.QuerySeconds), cancellation);
        return answer is { Outcome: PeerOutcome.Ok } ? new HeldEpisodes([.. answer.Episodes.Select(static e => e.Episode)], answer.ForgottenTo) : null;
    }

    /// <inheritdoc/>
    public async ValueTask<bool> PackAsync(LogRow owner, CancellationToken cancellation) =>
        await AskAsync(owner, async service => (PeerOutcome?)await service.Pack(owner.Log.ToString()), Timeout.InfiniteTimeSpan, cancellation) == PeerOutcome.Ok;

    /// <summary>Asks the log service of a log's silo; nothing where that one is dead, or gives no answer in time.</summary>
    public async ValueTask<T?> AskAsync<T>(LogRow owner, Func<ILogGrainService, Task<T>> call, TimeSpan limit, CancellationToken cancellation)
    {
        if (AddressOf(owner) is not { } silo || membership.CurrentSnapshot.GetSiloStatus(silo) == SiloStatus.Dead) return default;
        try
        {
            return await call(services.Of(silo)).WaitAsync(limit, time, cancellation);
        }
        catch (Exception failure) when (!cancellation.IsCancellationRequested)
        {
            LogNoAnswer(failure, owner.Log, owner.Address);
            return default;
        }
    }

    /// <summary>Dead, or absent in a membership that was read after the row was.</summary>
    private async ValueTask<bool> IsGoneAsync(LogRow owner, CancellationToken cancellation, bool look = false)
    {
        // No silo of this cluster wrote such a row.
        if (AddressOf(owner) is not { } silo) return true;
        var status = membership.CurrentSnapshot.GetSiloStatus(silo);
        // An incarnation that died stays dead; one that is absent may have joined since.
        if (status == SiloStatus.Dead) return true;
        if (status != SiloStatus.None && !look) return false;
        try
        {
            await refresh.RunAsync().WaitAsync(CallTime, time, cancellation);
        }
        catch (Exception failure) when (!cancellation.IsCancellationRequested)
        {
            LogNoMembership(failure);
            return false;
        }

        return membership.CurrentSnapshot.GetSiloStatus(silo) is SiloStatus.Dead or SiloStatus.None;
    }

    private static SiloAddress? AddressOf(LogRow row) =>
        IPEndPoint.TryParse(row.Address, out var endpoint) ? SiloAddress.New(endpoint, (int)row.Generation) : null;

    [LoggerMessage(Level = LogLevel.Information, Message = "The silo of the log {Log} at {Address} did not answer.")]
    private partial void LogNoAnswer(Exception failure, LogId log, string address);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The membership could not be read: no silo is taken for dead by it.")]
    private partial void LogNoMembership(Exception failure);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The silo of the log {Log} at {Address} has answered no release for {Seconds} s: its log is fenced, and it stops itself.")]
    private partial void LogSilent(LogId log, string address, double seconds);
}
