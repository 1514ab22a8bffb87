namespace Rollbook.Client;

// Reads of this worker and of its episode. They show what is acknowledged: FlushAsync first to see the rest.
public sealed partial class TrajectoryLogger
{
    /// <summary>This logger's episode: its record, what is summed over its steps, and how long it has been silent.</summary>
    /// <exception cref="NoEpisodeException">Nothing was started.</exception>
    /// <inheritdoc cref="RollbookClient.ReadEpisodeAsync"/>
    public Task<EpisodeState> ReadEpisodeAsync(CancellationToken cancellationToken = default) => client.ReadEpisodeAsync(Started("read the episode"), cancellationToken);

    /// <summary>The steps of this logger's episode that are recorded now.</summary>
    /// <exception cref="NoEpisodeException">Nothing was started.</exception>
    /// <inheritdoc cref="RollbookClient.ReadStepsAsync"/>
    public IAsyncEnumerable<RecordedStep> ReadStepsAsync(long from = 0, long? limit = null, CancellationToken cancellationToken = default) =>
        client.ReadStepsAsync(Started("read steps"), from, limit, cancellationToken);

    /// <summary>The steps of this logger's episode from an ordinal on, then each as it comes, then its record once it has ended.</summary>
    /// <exception cref="NoEpisodeException">Nothing was started.</exception>
    /// <inheritdoc cref="RollbookClient.TailAsync"/>
    public IAsyncEnumerable<TailEvent> TailAsync(long from = 0, CancellationToken cancellationToken = default) =>
        client.TailAsync(Started("tail the episode"), from, cancellationToken);

    /// <summary>The worker's current episode, else its last ended one, whole.</summary>
    /// <inheritdoc cref="RollbookClient.GetTrajectoryAsync(string, CancellationToken)"/>
    public Task<Trajectory?> GetTrajectoryAsync(CancellationToken cancellationToken = default) => client.GetTrajectoryAsync(Worker, cancellationToken);

    /// <summary>What is needed to act the worker's current episode, else its last ended one, again.</summary>
    /// <inheritdoc cref="RollbookClient.GetReplayActionsAsync(string, CancellationToken)"/>
    public Task<IReadOnlyList<ReplayAction>> GetReplayActionsAsync(CancellationToken cancellationToken = default) => client.GetReplayActionsAsync(Worker, cancellationToken);

    /// <summary>Actions and outcomes in short, of the worker's current episode, else its last ended one.</summary>
    /// <inheritdoc cref="RollbookClient.GetStepTimelineAsync(string, CancellationToken)"/>
    public Task<IReadOnlyList<TimelineStep>> GetStepTimelineAsync(CancellationToken cancellationToken = default) => client.GetStepTimelineAsync(Worker, cancellationToken);

    /// <summary>The worker's last ten ended episodes, oldest first.</summary>
    /// <inheritdoc cref="RollbookClient.GetHistorySummaryAsync"/>
    public Task<IReadOnlyList<HistoryItem>> GetHistorySummaryAsync(CancellationToken cancellationToken = default) => client.GetHistorySummaryAsync(Worker, cancellationToken);

    /// <summary>The worker's current episode and its last ten.</summary>
    /// <inheritdoc cref="RollbookClient.ReadWorkerAsync"/>
    public Task<WorkerEpisodes?> ReadWorkerAsync(CancellationToken cancellationToken = default) => client.ReadWorkerAsync(Worker, cancellationToken);

    private EpisodeId Started(string purpose) =>
        EpisodeId ?? throw new NoEpisodeException($"Can't {purpose}: nothing was started. Call StartEpisodeAsync first, or give RollbookClient an episode's id.");
}
