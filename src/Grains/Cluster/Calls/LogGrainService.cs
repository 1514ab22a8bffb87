using System.Buffers;
using Microsoft.Extensions.Logging;
using Rollbook.Archive;
using Rollbook.Episodes;
using Rollbook.Hosting;
using Rollbook.StepLog;

namespace Rollbook.Cluster;

/// <summary>The shell of a silo's <see cref="LogService"/>: it proves that the right log is meant, and forwards.</summary>
internal sealed class LogGrainService(GrainId id, Silo silo, ILoggerFactory loggers, LogService own, WriteAheadLog held, ArchiveRounds rounds, DeadLogService deadLogs)
    : GrainService(id, silo, loggers), ILogGrainService
{
    // A closing service would hold up the silo's stop for a query that nobody waits for any more.
    private static readonly TimeSpan LongestPack = TimeSpan.FromMinutes(1);

    private readonly string name = own.Log.ToString();

    /// <inheritdoc/>
    public async Task<ReleaseAnswer> Release(string log, EpisodeKey key, long term)
    {
        if (log != name) return new ReleaseAnswer { Outcome = PeerOutcome.NotMine };
        var reply = await own.ReleaseAsync(key, term, CancellationToken.None);
        return reply switch
        {
            { Outcome: not ReleaseOutcome.Released } => new ReleaseAnswer { Outcome = PeerOutcome.Failed },
            { Tail: null } => new ReleaseAnswer { Outcome = PeerOutcome.Ok },
            { Tail: { } tail } => new ReleaseAnswer { Outcome = PeerOutcome.Ok, Tail = Bytes(tail) },
        };
    }

    /// <inheritdoc/>
    public async Task<FramesAnswer> Frames(string log, EpisodeKey key, long from, int limit)
    {
        if (log != name) return new FramesAnswer { Outcome = PeerOutcome.NotMine };
        var frames = await held.FramesOfAsync(key, from, limit, CancellationToken.None);
        return new FramesAnswer { Outcome = PeerOutcome.Ok, Frames = [.. frames.Select(FrameEntry.Of)] };
    }

    /// <inheritdoc/>
    public async Task<HeldAnswer> Held(string log, string project)
    {
        if (log != name) return new HeldAnswer { Outcome = PeerOutcome.NotMine };
        try
        {
            var told = await held.EpisodesAsync(project, CancellationToken.None);
            return new HeldAnswer { Outcome = PeerOutcome.Ok, Episodes = [.. told.Episodes.Select(HeldRow.Of)], ForgottenTo = told.ForgottenTo };
        }
        catch (LogPoisonedException)
        {
            return new HeldAnswer { Outcome = PeerOutcome.Failed };
        }
    }

    /// <inheritdoc/>
    public async Task<PeerOutcome> Pack(string log)
    {
        if (log != name) return PeerOutcome.NotMine;
        using var limit = new CancellationTokenSource(LongestPack);
        await rounds.PackOwnAsync(limit.Token);
        return PeerOutcome.Ok;
    }

    /// <inheritdoc/>
    public async Task<DeadLogAnswer> Pass(string log, string dead) => log == name
        ? new DeadLogAnswer { Outcome = PeerOutcome.Ok, Left = await deadLogs.PassAsync(LogId.Parse(dead)) }
        : new DeadLogAnswer { Outcome = PeerOutcome.NotMine };

    /// <inheritdoc/>
    public async Task<DeadLogAnswer> Recover(string log, string dead) => log == name
        ? new DeadLogAnswer { Outcome = PeerOutcome.Ok, Left = await deadLogs.RecoverAsync(LogId.Parse(dead)) }
        : new DeadLogAnswer { Outcome = PeerOutcome.NotMine };

    /// <inheritdoc/>
    public Task<PeerOutcome> Owns(string log) => Task.FromResult(log == name ? PeerOutcome.Ok : PeerOutcome.NotMine);

    private static byte[] Bytes(EpisodeTail tail)
    {
        var bytes = new ArrayBufferWriter<byte>();
        TailCodec.Write(bytes, tail, withHashes: true);
        return bytes.WrittenSpan.ToArray();
    }
}
