using Rollbook.StepLog;

namespace Rollbook.Archive;

/// <summary>The columns of a file of episodes.</summary>
/// <param name="project">The project that the file belongs to, which its rows don't repeat.</param>
internal sealed class EpisodePackColumns(string project) : RowColumns<EpisodeRow>
{
    private static readonly string[] Statuses = [.. Enum.GetNames<EpisodeStatus>().Select(static name => name.ToLowerInvariant())];

    private readonly TextColumn _episode = new("episode_id", false, PackEncoding.Plain);
    private readonly TextColumn _worker = Text("worker");
    private readonly TextColumn _task = Text("task");
    private readonly TextColumn _variant = Text("variant_id");
    private readonly ValueColumn<double> _startTime = Number("start_time");
    private readonly ValueColumn<double> _endTime = Number("end_time", optional: true);
    private readonly TextColumn _status = Text("status");
    private readonly TextColumn _endCause = Text("end_cause", optional: true);
    private readonly ValueColumn<double> _reportedScore = Number("reported_score", optional: true);
    private readonly ValueColumn<double> _finalScore = Number("final_score", optional: true);
    private readonly ValueColumn<long> _totalSteps = Integer("total_steps");
    private readonly ValueColumn<long> _stepCount = Integer("step_count");
    private readonly TextColumn _metadata = LongText("metadata");
    private readonly TextColumn _initialObservation = LongText("initial_observation");
    private readonly TextColumn _group = Text("group_id", optional: true);
    private readonly ValueColumn<int> _attempt = new("attempt", true, PackEncoding.Dictionary);
    private readonly ValueColumn<long> _seed = Integer("seed", optional: true);
    private readonly TextColumn _policy = Text("policy_version", optional: true);
    private readonly TextColumn _environment = Text("environment", optional: true);
    private readonly TextColumn _parent = Text("parent_episode_id", optional: true);
    private readonly ValueColumn<double> _deadline = Number("deadline_seconds");
    private readonly HashColumn _startHash = new("start_hash") { HasStatistics = false };
    private readonly TextListColumn _labels = new("labels");
    private readonly ValueColumn<int> _scores = new("score_count", false, PackEncoding.Dictionary);
    private readonly ValueColumn<long> _errors = Integer("errors");
    private readonly ValueColumn<long> _flagged = Integer("flagged");
    private readonly ValueColumn<double> _rewardSum = Number("reward_sum");
    private readonly ValueColumn<double> _cumulativeReward = Number("cumulative_reward");
    private readonly ValueColumn<double> _passRate = Number("last_pass_rate", optional: true);
    private readonly ValueColumn<long> _receivedAt = Integer("last_received_at");
    private readonly FrameColumns _frame = new();
    private PackColumn[]? _all;

    public override PackColumn[] All => _all ??=
    [
        _episode, _worker, _task, _variant, _startTime, _endTime, _status, _endCause, _reportedScore, _finalScore, _totalSteps, _stepCount, _metadata, _initialObservation,
        _group, _attempt, _seed, _policy, _environment, _parent, _deadline, _startHash, _labels, _scores, _errors, _flagged, _rewardSum, _cumulativeReward, _passRate,
        _receivedAt, .. _frame.All,
    ];

    public override EpisodeId EpisodeAt(int row) => Ulid(_episode, row);

    public override void Add(EpisodeRow row)
    {
        var record = row.Record;
        if (record.Key.Project != project) throw new ArgumentException($"{record.Key} is not of the project {project}, whose file this is.", nameof(row));
        _episode.Add(record.Key.Id.ToString());
        _worker.Add(record.Worker);
        _task.Add(record.Task);
        _variant.Add(record.VariantId);
        _startTime.Add(record.StartTime);
        _endTime.Add(record.EndTime);
        _status.Add(Statuses[(int)record.Status]);
        _endCause.Add(record.EndCause);
        _reportedScore.Add(record.ReportedScore);
        _finalScore.Add(record.FinalScore);
        _totalSteps.Add(record.TotalSteps);
        _stepCount.Add(record.StepCount);
        _metadata.Add(record.Metadata);
        _initialObservation.Add(record.InitialObservation);
        _group.Add(record.GroupId);
        _attempt.Add(record.Attempt);
        _seed.Add(record.Seed);
        _policy.Add(record.PolicyVersion);
        _environment.Add(record.Environment);
        _parent.Add(record.ParentEpisodeId?.ToString());
        _deadline.Add(record.DeadlineSeconds);
        _startHash.Add(record.StartHash);
        _labels.AddList();
        foreach (var label in record.Labels) _labels.AddText(System.Text.Encoding.UTF8.GetBytes(label));
        _scores.Add(record.ScoreCount);
        AddSums(row.Summary);
        _frame.Add(row.Term, row.Log, row.Chunk, row.Place);
    }

    public override EpisodeRow Get(int row) => new(
        new EpisodeRecord
        {
            Key = new EpisodeKey(project, EpisodeAt(row)),
            Worker = _worker.String(row)!,
            Task = _task.String(row)!,
            VariantId = _variant.String(row)!,
            StartTime = _startTime.At(row),
            EndTime = _endTime[row],
            Status = Status(row),
            EndCause = _endCause.String(row),
            ReportedScore = _reportedScore[row],
            FinalScore = _finalScore[row],
            TotalSteps = _totalSteps.At(row),
            StepCount = _stepCount.At(row),
            Metadata = _metadata.String(row),
            InitialObservation = _initialObservation.String(row),
            GroupId = _group.String(row),
            Attempt = _attempt[row],
            Seed = _seed[row],
            PolicyVersion = _policy.String(row),
            Environment = _environment.String(row),
            ParentEpisodeId = _parent.Has(row) ? Ulid(_parent, row) : null,
            DeadlineSeconds = _deadline.At(row),
            StartHash = _startHash[row],
            Labels = _labels.Strings(row),
            ScoreCount = _scores.At(row),
        },
        Sums(row),
        _frame.Term.At(row),
        new LogId(Ulid(_frame.Log, row).Value),
        _frame.Chunk.At(row),
        _frame.Place.At(row));

    private static TextColumn Text(string name, bool optional = false) => new(name, optional, PackEncoding.Dictionary);

    // Plain, for single rows are read by their pages: a dictionary would have to be read whole for each.
    private static TextColumn LongText(string name) => new(name, true, PackEncoding.Plain) { HasStatistics = false };

    private static ValueColumn<long> Integer(string name, bool optional = false) => new(name, optional, PackEncoding.Delta);

    private static ValueColumn<double> Number(string name, bool optional = false) => new(name, optional, PackEncoding.Dictionary);

    private void AddSums(StepSummary sums)
    {
        _errors.Add(sums.Errors);
        _flagged.Add(sums.Flagged);
        _rewardSum.Add(sums.RewardSum);
        _cumulativeReward.Add(sums.CumulativeReward);
        _passRate.Add(sums.LastPassRate);
        _receivedAt.Add(sums.LastReceivedAt);
    }

    private StepSummary Sums(int row) => new()
    {
        Errors = _errors.At(row),
        Flagged = _flagged.At(row),
        RewardSum = _rewardSum.At(row),
        CumulativeReward = _cumulativeReward.At(row),
        LastPassRate = _passRate[row],
        LastReceivedAt = _receivedAt.At(row),
    };

    private EpisodeStatus Status(int row)
    {
        var status = Array.IndexOf(Statuses, _status.String(row));
        return status >= 0 ? (EpisodeStatus)status : throw new InvalidDataException($"'{_status.String(row)}' is no status of an episode");
    }
}
