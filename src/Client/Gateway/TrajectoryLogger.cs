using System.Security.Cryptography;

namespace Rollbook.Client;

/// <summary>
/// Records the episodes of one environment instance ("worker"), step by step, durably: <see cref="RecordStepAsync"/> completes when the recorder has the step in
/// stable storage. Steps that are recorded while a call is on its way go together in the next one, so whoever doesn't wait for each step gets batches by itself.
/// </summary>
/// <remarks>
/// An acknowledgement of a step covers every step before it. When no final answer comes in <see cref="RollbookClientOptions.GiveUpAfter"/>, calls throw
/// <see cref="UnavailableException"/>: <em>not yet known durable</em>; the steps stay here in order, and the next call sends them first. However often a step is sent,
/// it is recorded once. Texts over 256 KiB (in UTF-8, up to 64 MiB) of the action's content, the thought, the response, the observation, the diff and extra are kept beside
/// the step, by their hash, before it is sent; a reference stands in their place (<see cref="LargeValue"/>). A call throws <see cref="RefusedException"/> (or one derived from it) for a final answer.
/// Calls may come from any thread; steps are in the order of the calls.
/// </remarks>
/// <example>
/// <code>
/// await using var client = await RollbookClient.ConnectAsync("127.0.0.1:30000");
/// await using var log = client.CreateLogger("worker-0");
/// await log.StartEpisodeAsync("fix-bug-17", "v3");
/// await log.RecordStepAsync(new Step { StepNumber = 1, ActionType = "read_file", ActionPath = "a.py", Reward = 0.1 });
/// await log.EndEpisodeAsync(finalScore: 0.75, endCause: "submitted");
/// </code>
/// </example>
public sealed partial class TrajectoryLogger : IAsyncDisposable
{
    private readonly RollbookClient client;
    private readonly ClientCore core;
    private readonly GatewayTries tries;
    private readonly Heartbeats heartbeats;
    // One start, resume or end at a time; steps don't pass here.
    private readonly SemaphoreSlim turn = new(1);
    private readonly string writer = RandomNumberGenerator.GetHexString(32, lowercase: true);
    private EpisodeWriter? current;
    private EpisodeWriter? last;
    private (UInt128 Body, string Key)? unknownStart;
    private string whyNone = "nothing was started";
    private bool disposed;

    internal TrajectoryLogger(RollbookClient client, ClientCore core, Heartbeats heartbeats, string worker)
    {
        this.client = client;
        this.core = core;
        this.heartbeats = heartbeats;
        tries = new GatewayTries(core);
        Worker = StartRequests.Worker(worker);
    }

    /// <summary>The worker's name.</summary>
    public string Worker { get; }

    /// <summary>The episode that was started or resumed last, also after its end; null before the first.</summary>
    public EpisodeId? EpisodeId => last?.Id;

    /// <summary>The ordinal of the next step; null without an episode.</summary>
    public long? NextOrdinal => current?.Outbox.NextOrdinal;

    /// <summary>Bytes of steps that are not acknowledged yet.</summary>
    public long UnacknowledgedBytes => last?.Outbox.Bytes ?? 0;

    /// <summary>Starts an episode; an unfinished one of this worker ends as superseded.</summary>
    /// <param name="task">What is to be solved: 1–256 printable characters.</param>
    /// <param name="variantId">The configuration under which it is tried: 1–256 printable characters.</param>
    /// <param name="cancellationToken">Ends the wait; whether it was started is then unknown, and the same call again is the same start.</param>
    /// <returns>The episode's id.</returns>
    /// <inheritdoc cref="StartEpisodeAsync(EpisodeStart, CancellationToken)" path="/exception"/>
    public Task<EpisodeId> StartEpisodeAsync(string task, string variantId, CancellationToken cancellationToken = default) =>
        StartEpisodeAsync(new EpisodeStart { Task = task, VariantId = variantId }, cancellationToken);

    /// <summary>Starts an episode; an unfinished one of this worker ends as superseded. If this throws, no episode takes steps.</summary>
    /// <param name="start">What it starts with. Its <see cref="EpisodeStart.Writer"/> is this logger where it names none.</param>
    /// <param name="cancellationToken">Ends the wait; whether it was started is then unknown, and the same call again is the same start.</param>
    /// <returns>The episode's id.</returns>
    /// <exception cref="BadStepException">A field is not what it should be; nothing was sent.</exception>
    /// <exception cref="WorkerBusyException">Another live process records under this worker's name.</exception>
    /// <exception cref="EpisodeExistsException">The given id is another episode's.</exception>
    /// <exception cref="UnavailableException">No final answer in time. The same call again is the same start, not a second one.</exception>
    public async Task<EpisodeId> StartEpisodeAsync(EpisodeStart start, CancellationToken cancellationToken = default)
    {
        var request = StartRequests.Of(core.Options.Project, Worker, start, writer);
        using var held = await EnterAsync(cancellationToken).ConfigureAwait(false);
        await LeaveEpisodeAsync(cancellationToken).ConfigureAwait(false);
        // The same start again, after an unknown outcome, is that start.
        if (unknownStart?.Body != request.BodyHash) unknownStart = (request.BodyHash, RandomNumberGenerator.GetHexString(32, lowercase: true));
        request = request with { IdempotencyKey = unknownStart.Value.Key };
        var what = $"The start of an episode of worker {Worker}";
        var reply = await tries.CallAsync(what, () => new ValueTask<StartReply>(ManyEpisodesTransport.Ingest(core.Grains).Start(request)), static r => (r.Code, r.RetryAfterSeconds), cancellationToken)
            .ConfigureAwait(false);
        unknownStart = null;
        return Adopt(what, reply).Key.Id;
    }

    /// <summary>Goes on with a running or lost episode as its new writer.</summary>
    /// <param name="episodeId">The episode.</param>
    /// <param name="takeover">Also while another live writer uses the worker.</param>
    /// <param name="cancellationToken">Ends the wait; resume again.</param>
    /// <returns>The record as the recorder has it; <see cref="EpisodeRecord.StepCount"/> is the ordinal of the next step.</returns>
    /// <exception cref="EpisodeEndedException">It has ended for good.</exception>
    /// <exception cref="EpisodeNotFoundException">There is no such episode.</exception>
    /// <exception cref="WorkerBusyException">Another live process records under this worker's name.</exception>
    /// <exception cref="UnavailableException">No final answer in time.</exception>
    public async Task<EpisodeRecord> ResumeAsync(EpisodeId episodeId, bool takeover = false, CancellationToken cancellationToken = default)
    {
        using var held = await EnterAsync(cancellationToken).ConfigureAwait(false);
        await LeaveEpisodeAsync(cancellationToken).ConfigureAwait(false);
        var request = new ResumeEpisode { Project = core.Options.Project, Worker = Worker, EpisodeId = episodeId, Writer = writer, Takeover = takeover };
        var what = $"The resumption of episode {episodeId} by worker {Worker}";
        var reply = await tries.CallAsync(what, () => new ValueTask<StartReply>(WorkerGrain.Resume(request)), static r => (r.Code, r.RetryAfterSeconds), cancellationToken)
            .ConfigureAwait(false);
        // A start of unknown outcome before is history now: the same call from here on is a new one.
        unknownStart = null;
        return Adopt(what, reply);
    }

    /// <summary>Records one step; completes when it is durable, and with it all before it.</summary>
    /// <param name="step">The step.</param>
    /// <param name="cancellationToken">Ends the wait; <see cref="RecordCanceledException.IsTaken"/> says whether the step stays.</param>
    /// <returns>The step's ordinal, its 0-based place in the episode.</returns>
    /// <exception cref="BadStepException">A JSON value of the step is not JSON; it was not taken.</exception>
    /// <exception cref="NoEpisodeException">Nothing was started.</exception>
    /// <exception cref="OutboxFullException">Too much waits for the recorder, which gives no answer; the step was not taken.</exception>
    /// <exception cref="UnavailableException">Not yet known durable; the step stays and is sent first by the next call. Don't record it again.</exception>
    /// <exception cref="EpisodeEndedException">The episode takes no more steps.</exception>
    /// <exception cref="WriterFencedException">Another writer has taken the episode over.</exception>
    /// <exception cref="OutOfStepException">The recorder holds other steps than this logger believes.</exception>
    public ValueTask<long> RecordStepAsync(Step step, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(step);
        try
        {
            return Outbox(cancellationToken).AddAsync(StepScratch.Mine.Encode(step, core.Now), cancellationToken);
        }
        catch (Exception error) when (error is RollbookException or OperationCanceledException)
        {
            return ValueTask.FromException<long>(error);
        }
    }

    /// <summary>Records several steps; completes when all are durable. All are taken, or none.</summary>
    /// <param name="steps">1 to 10,000 steps, 16 MiB of JSON at most.</param>
    /// <param name="cancellationToken">As for <see cref="RecordStepAsync"/>.</param>
    /// <returns>The ordinal of the first.</returns>
    /// <inheritdoc cref="RecordStepAsync" path="/exception"/>
    public ValueTask<long> RecordStepsAsync(IReadOnlyList<Step> steps, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(steps);
        try
        {
            return Outbox(cancellationToken).AddAsync(StepScratch.Mine.Encode(steps, core.Now), cancellationToken);
        }
        catch (Exception error) when (error is RollbookException or OperationCanceledException)
        {
            return ValueTask.FromException<long>(error);
        }
    }

    /// <summary>Records steps that are JSON already: one object or an array of them; completes when all are durable.</summary>
    /// <param name="json">UTF-8, with the fields of the contract; read before the call returns. 16 MiB at most.</param>
    /// <param name="cancellationToken">As for <see cref="RecordStepAsync"/>.</param>
    /// <returns>The ordinal of the first.</returns>
    /// <inheritdoc cref="RecordStepAsync" path="/exception"/>
    public ValueTask<long> RecordAsync(ReadOnlyMemory<byte> json, CancellationToken cancellationToken = default) => RecordTextAsync(json.Span, ndjson: false, cancellationToken);

    /// <summary>Records steps that are NDJSON already, one a line; completes when all are durable.</summary>
    /// <param name="ndjson">UTF-8; read before the call returns. 16 MiB and 10,000 steps at most.</param>
    /// <param name="cancellationToken">As for <see cref="RecordStepAsync"/>.</param>
    /// <returns>The ordinal of the first.</returns>
    /// <inheritdoc cref="RecordStepAsync" path="/exception"/>
    public ValueTask<long> RecordLinesAsync(ReadOnlyMemory<byte> ndjson, CancellationToken cancellationToken = default) =>
        RecordTextAsync(ndjson.Span, ndjson: true, cancellationToken);

    /// <summary>Ends the episode behind everything that was recorded; completes when that is durable. The same again does nothing; without an episode it does nothing.</summary>
    /// <param name="finalScore">Null = not scored, which is not 0.</param>
    /// <param name="endCause">Why it ended, a short text: <c>submitted</c>, <c>max_steps</c>, <c>exception: TypeError</c>.</param>
    /// <param name="cancellationToken">Ends the wait; the ending stays and is sent by the next call.</param>
    /// <exception cref="EndConflictException">It has ended already with another score, cause or status.</exception>
    /// <exception cref="NoEpisodeException">The last start failed.</exception>
    /// <exception cref="UnavailableException">Not yet known durable; the ending stays, and the next call sends it first.</exception>
    /// <inheritdoc cref="RecordStepAsync" path="/exception[@cref='T:Rollbook.Client.WriterFencedException']"/>
    public async Task EndEpisodeAsync(double? finalScore = null, string? endCause = null, CancellationToken cancellationToken = default)
    {
        endCause = StartRequests.Cause(endCause);
        using var held = await EnterAsync(cancellationToken).ConfigureAwait(false);
        if (last is null) return;
        await Current("end the episode").EndAsync(finalScore, endCause, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Sends what waits; completes when all that was recorded, and an ending that was asked for, is durable.</summary>
    /// <param name="cancellationToken">Ends the wait; nothing is dropped.</param>
    /// <exception cref="UnavailableException">Something still is not known durable.</exception>
    /// <exception cref="RefusedException">Something was refused for good.</exception>
    public async Task FlushAsync(CancellationToken cancellationToken = default)
    {
        if (last is { } writer) await writer.SettleAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Sends what waits. It ends no episode: that would hide a crash. Doing it twice does nothing.</summary>
    /// <exception cref="UnavailableException">Something is not known durable, and was dropped; the message says what.</exception>
    /// <exception cref="RefusedException">Something was refused for good, and no call has said so yet.</exception>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref disposed, true)) return;
        var writer = last;
        if (writer is null) return;
        try
        {
            await writer.FinishAsync(static () => new NoEpisodeException("The logger was disposed of; create another.")).ConfigureAwait(false);
        }
        finally
        {
            heartbeats.Remove(writer);
        }
    }
}
