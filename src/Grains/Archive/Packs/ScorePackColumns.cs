using Rollbook.StepLog;

namespace Rollbook.Archive;

/// <summary>The columns of a file of score events.</summary>
internal sealed class ScorePackColumns : RowColumns<ScoreRow>
{
    private readonly TextColumn _episode = new("episode_id", false, PackEncoding.Dictionary);
    private readonly TextColumn _event = new("event_id", false, PackEncoding.Plain);
    private readonly TextColumn _name = new("name", false, PackEncoding.Dictionary);
    private readonly ValueColumn<double> _value = new("value", true, PackEncoding.Dictionary);
    private readonly TextColumn _source = new("source", false, PackEncoding.Dictionary);
    private readonly TextColumn _rationale = new("rationale", true, PackEncoding.Dictionary) { HasStatistics = false };
    private readonly TextColumn _metadata = new("metadata", true, PackEncoding.Dictionary) { HasStatistics = false };
    private readonly ValueColumn<double> _time = new("time", true, PackEncoding.Dictionary);
    private readonly FrameColumns _frame = new();
    private PackColumn[]? _all;

    public override PackColumn[] All => _all ??= [_episode, _event, _name, _value, _source, _rationale, _metadata, _time, .. _frame.All];

    public override EpisodeId EpisodeAt(int row) => Ulid(_episode, row);

    public override void Add(ScoreRow row)
    {
        _episode.Add(row.Episode.ToString());
        _event.Add(row.Event.EventId);
        _name.Add(row.Event.Name);
        _value.Add(row.Event.Value);
        _source.Add(row.Event.Source);
        _rationale.Add(row.Event.Rationale);
        _metadata.Add(row.Event.Metadata);
        _time.Add(row.Event.Time);
        _frame.Add(row.Term, row.Log, row.Chunk, row.Place);
    }

    public override ScoreRow Get(int row) => new(
        EpisodeAt(row),
        new ScoreEvent
        {
            EventId = _event.String(row)!,
            Name = _name.String(row)!,
            Value = _value[row],
            Source = _source.String(row)!,
            Rationale = _rationale.String(row),
            Metadata = _metadata.String(row),
            Time = _time[row],
        },
        _frame.Term.At(row),
        new LogId(Ulid(_frame.Log, row).Value),
        _frame.Chunk.At(row),
        _frame.Place.At(row));
}
