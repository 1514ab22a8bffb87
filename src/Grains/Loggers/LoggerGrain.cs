using Orleans.Placement;
using Rollbook.Hosting;
using Rollbook.StepLog;

namespace Rollbook.Loggers;

/// <summary>The shell of a <see cref="LoggerOwner"/>: it forwards, keeps its state in grain storage, and goes when a write fails.</summary>
[GrainType("logger"), ActivationCountBasedPlacement]
internal sealed class LoggerGrain : Grain, ILoggerGrain, ILoggerStore, IEpisodes
{
    /// <summary>The name of the grain storage.</summary>
    public const string StorageName = "rollbook";

    // An episode that could not be ended waits for a take-over, which takes some seconds; or for a person, who takes hours.
    private static readonly TimeSpan BetweenRepairs = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestBetweenRepairs = TimeSpan.FromMinutes(1);

    private readonly IPersistentState<LoggerState> state;
    private readonly TimeProvider time;
    private LoggerOwner? owner;
    private IGrainTimer? repairs;
    private TimeSpan untilRepair;

    public LoggerGrain([PersistentState("logger", StorageName)] IPersistentState<LoggerState> state, TimeProvider time)
    {
        this.state = state;
        this.time = time;
    }

    /// <inheritdoc/>
    LoggerState ILoggerStore.Stored => state.State;

    // Made at the first call: the state is read after the constructor.
    private LoggerOwner Owner => owner ??= new LoggerOwner(this, this, time);

    /// <inheritdoc/>
    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        // Best effort: what is not written is found again from the episodes. A silo that stops with 100,000 workers doesn't wait for as many writes.
        if (owner is { Dirty: true } && reason.ReasonCode != DeactivationReasonCode.ShuttingDown) await owner.WriteAsync();
    }

    /// <inheritdoc/>
    public Task<StartReply> Start(StartEpisode request) => SettleAsync(Owner.StartAsync(request));

    /// <inheritdoc/>
    public Task<StartReply> Resume(ResumeEpisode request) => SettleAsync(Owner.ResumeAsync(request));

    /// <inheritdoc/>
    public Task Ended(EpisodeSummary summary)
    {
        Owner.Ended(summary);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task<RollbookCode> Scored(EpisodeSummary summary)
    {
        try
        {
            await Owner.ScoredAsync(summary);
            return RollbookCode.Ok;
        }
        catch (Exception failure) when (IsFull(failure))
        {
            return RollbookCode.Busy;
        }
    }

    /// <inheritdoc/>
    public async Task<RollbookCode> Drop(EpisodeId episode)
    {
        try
        {
            await Owner.DropAsync(episode);
            return RollbookCode.Ok;
        }
        catch (Exception failure) when (IsFull(failure))
        {
            return RollbookCode.Busy;
        }
    }

    /// <inheritdoc/>
    public Task<LoggerView> Read() => Owner.ReadAsync();

    /// <inheritdoc/>
    async Task ILoggerStore.WriteAsync(LoggerState wanted)
    {
        try
        {
            state.State = wanted;
            await state.WriteStateAsync();
        }
        catch
        {
            // What is in memory may not be what is stored: the next activation reads it anew.
            owner = null;
            DeactivateOnIdle();
            throw;
        }
    }

    /// <inheritdoc/>
    Task<StartReply> IEpisodes.OpenAsync(OpenEpisode request)
    {
        EdgeHint.Take();
        return Episode(request.Record.Key).Open(request);
    }

    /// <inheritdoc/>
    Task<StartReply> IEpisodes.ResumeAsync(EpisodeKey key, string? writer) => Episode(key).Resume(writer);

    /// <inheritdoc/>
    Task<EndReply> IEpisodes.EndAsync(EpisodeKey key, EndEpisode request) => Episode(key).End(request).AsTask();

    /// <inheritdoc/>
    Task<EpisodeView> IEpisodes.ReadAsync(EpisodeKey key) => Episode(key).Read().AsTask();

    private async Task<StartReply> SettleAsync(Task<StartReply> call)
    {
        try
        {
            var reply = await call;
            // The worker may not come again for hours: until then its episode would run, or end as lost.
            if (reply.Code == RollbookCode.Ok && owner is { Repaired: false })
            {
                // What this call could not end is tried soon, however long an older one has been tried in vain.
                untilRepair = BetweenRepairs;
                if (repairs is null) repairs = this.RegisterGrainTimer(RepairAsync, new GrainTimerCreationOptions(BetweenRepairs, BetweenRepairs) { KeepAlive = true });
                else repairs.Change(BetweenRepairs, BetweenRepairs);
            }

            return reply;
        }
        catch (Exception failure) when (IsFull(failure))
        {
            return new StartReply { Code = RollbookCode.Busy, RetryAfterSeconds = 5 };
        }
    }

    private async Task RepairAsync(CancellationToken cancellation)
    {
        // Before the try, which may fail.
        untilRepair = untilRepair * 2 < LongestBetweenRepairs ? untilRepair * 2 : LongestBetweenRepairs;
        repairs?.Change(untilRepair, untilRepair);
        await Owner.RepairAsync();
        if (!Owner.Repaired) return;
        repairs?.Dispose();
        repairs = null;
    }

    private static bool IsFull(Exception failure) => failure is StorageFullException || failure.InnerException is StorageFullException;

    private IEpisodeGrain Episode(EpisodeKey key) => GrainFactory.GetGrain<IEpisodeGrain>(key.ToString());
}
