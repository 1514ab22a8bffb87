namespace Rollbook.Client;

// Reads: of any episode and any worker, by anybody. They show what is acknowledged, never a step that waits in a logger.
public sealed partial class RollbookClient
{
    /// <summary>An episode's record, what is summed over its steps, and how long it has been silent.</summary>
    /// <param name="episodeId">The episode.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="EpisodeNotFoundException">There is no such episode.</exception>
    /// <exception cref="UnavailableException">No final answer in time; read again.</exception>
    public Task<EpisodeState> ReadEpisodeAsync(EpisodeId episodeId, CancellationToken cancellationToken = default) => Reads.ReadAsync(episodeId, cancellationToken);

    /// <summary>The steps that are recorded now, page by page: a long episode costs no more memory than a short one.</summary>
    /// <param name="episodeId">The episode.</param>
    /// <param name="from">The first ordinal, 0-based; past the last one there is nothing.</param>
    /// <param name="limit">At most so many; null = all.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="from"/> or <paramref name="limit"/> is negative.</exception>
    /// <exception cref="EpisodeNotFoundException">There is no such episode.</exception>
    /// <exception cref="DamagedLogException">The steps from here on can't be read.</exception>
    /// <exception cref="UnavailableException">No final answer in time; go on from the next ordinal.</exception>
    public IAsyncEnumerable<RecordedStep> ReadStepsAsync(EpisodeId episodeId, long from = 0, long? limit = null, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(from);
        ArgumentOutOfRangeException.ThrowIfNegative(limit ?? 0, nameof(limit));
        return Reads.ReadStepsAsync(episodeId, from, limit ?? long.MaxValue, exact: false, cancellationToken);
    }

    /// <summary>
    /// The steps from an ordinal on, then each as it comes; the last event holds the ended episode's record. It goes on behind the last step, none twice and none left out,
    /// when the episode's owner moves and when the recorder is restarted.
    /// </summary>
    /// <param name="episodeId">The episode.</param>
    /// <param name="from">The first ordinal, 0-based.</param>
    /// <param name="cancellationToken">Ends the tail.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="from"/> is negative.</exception>
    /// <exception cref="EpisodeNotFoundException">There is no such episode.</exception>
    /// <exception cref="DamagedLogException">The steps from here on can't be read.</exception>
    /// <exception cref="UnavailableException">The recorder gave no answer for <see cref="RollbookClientOptions.GiveUpAfter"/>; go on from the next ordinal.</exception>
    public IAsyncEnumerable<TailEvent> TailAsync(EpisodeId episodeId, long from = 0, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(from);
        return Reads.TailAsync(episodeId, from, cancellationToken);
    }

    /// <summary>An episode's score events, oldest first.</summary>
    /// <param name="episodeId">The episode.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="DamagedLogException">The events from here on can't be read.</exception>
    /// <inheritdoc cref="ReadEpisodeAsync" path="/exception"/>
    public IAsyncEnumerable<ScoreEvent> ReadScoresAsync(EpisodeId episodeId, CancellationToken cancellationToken = default) => Reads.ReadScoresAsync(episodeId, cancellationToken);

    /// <summary>What a worker records now and what it recorded last.</summary>
    /// <param name="worker">Its name.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Null where it never started an episode.</returns>
    /// <exception cref="ArgumentException">The name can't be one.</exception>
    /// <exception cref="UnavailableException">No final answer in time; read again.</exception>
    public Task<WorkerEpisodes?> ReadWorkerAsync(string worker, CancellationToken cancellationToken = default) => Reads.ReadWorkerAsync(worker, cancellationToken);

    /// <summary>A worker's current episode, else its last ended one, whole.</summary>
    /// <param name="worker">Its name.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Null where it recorded nothing.</returns>
    /// <exception cref="DamagedLogException">Some of its steps can't be read; <see cref="ReadStepsAsync"/> gives those before.</exception>
    /// <inheritdoc cref="ReadWorkerAsync" path="/exception"/>
    public async Task<Trajectory?> GetTrajectoryAsync(string worker, CancellationToken cancellationToken = default) =>
        await Reads.LatestAsync(worker, cancellationToken).ConfigureAwait(false) is { } id ? await GetTrajectoryAsync(id, cancellationToken).ConfigureAwait(false) : null;

    /// <summary>An episode whole.</summary>
    /// <param name="episodeId">The episode.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="DamagedLogException">Some of its steps can't be read; <see cref="ReadStepsAsync"/> gives those before.</exception>
    /// <inheritdoc cref="ReadEpisodeAsync" path="/exception"/>
    public Task<Trajectory> GetTrajectoryAsync(EpisodeId episodeId, CancellationToken cancellationToken = default) => Reads.ReadTrajectoryAsync(episodeId, cancellationToken);

    /// <summary>What is needed to act a worker's current episode, else its last ended one, again.</summary>
    /// <returns>Empty where it recorded nothing.</returns>
    /// <inheritdoc cref="GetTrajectoryAsync(string, CancellationToken)"/>
    public async Task<IReadOnlyList<ReplayAction>> GetReplayActionsAsync(string worker, CancellationToken cancellationToken = default) =>
        await Reads.LatestAsync(worker, cancellationToken).ConfigureAwait(false) is { } id ? await GetReplayActionsAsync(id, cancellationToken).ConfigureAwait(false) : [];

    /// <summary>What is needed to act an episode again.</summary>
    /// <inheritdoc cref="GetTrajectoryAsync(EpisodeId, CancellationToken)"/>
    public Task<IReadOnlyList<ReplayAction>> GetReplayActionsAsync(EpisodeId episodeId, CancellationToken cancellationToken = default) =>
        Reads.ReadEachAsync(episodeId, ReplayAction.Of, cancellationToken);

    /// <summary>Actions and outcomes in short, of a worker's current episode, else its last ended one.</summary>
    /// <returns>Empty where it recorded nothing.</returns>
    /// <inheritdoc cref="GetTrajectoryAsync(string, CancellationToken)"/>
    public async Task<IReadOnlyList<TimelineStep>> GetStepTimelineAsync(string worker, CancellationToken cancellationToken = default) =>
        await Reads.LatestAsync(worker, cancellationToken).ConfigureAwait(false) is { } id ? await GetStepTimelineAsync(id, cancellationToken).ConfigureAwait(false) : [];

    /// <summary>Actions and outcomes in short, of any episode.</summary>
    /// <inheritdoc cref="GetTrajectoryAsync(EpisodeId, CancellationToken)"/>
    public Task<IReadOnlyList<TimelineStep>> GetStepTimelineAsync(EpisodeId episodeId, CancellationToken cancellationToken = default) =>
        Reads.ReadEachAsync(episodeId, TimelineStep.Of, cancellationToken);

    /// <summary>The last ten ended episodes of a worker, oldest first.</summary>
    /// <returns>Empty where it recorded nothing.</returns>
    /// <inheritdoc cref="ReadWorkerAsync" path="/exception"/>
    public async Task<IReadOnlyList<HistoryItem>> GetHistorySummaryAsync(string worker, CancellationToken cancellationToken = default) =>
        await Reads.ReadWorkerAsync(worker, cancellationToken).ConfigureAwait(false) is { } known ? [.. known.History.Select(HistoryItem.Of)] : [];

    private GatewayReads Reads
    {
        get
        {
            ObjectDisposedException.ThrowIf(Volatile.Read(ref disposed), this);
            return field ??= new GatewayReads(core);
        }
    }
}
