namespace Rollbook.Archive;

/// <summary>The columns of a file of steps: their names, types and layout, and the way of a step into a row and back.</summary>
internal sealed class StepPackColumns
{
    private readonly PackColumn[] _fields = [.. Enumerable.Range(0, StepFieldNames.Count).Select(static i => Field((StepField)i))];
    private readonly StepCells _cells = new();

    public StepPackColumns()
    {
        PackColumn[] first = [Episode, Ordinal, Hash];
        PackColumn[] last = [Exact, ReceivedAt, Term, Log, Chunk, Place];
        All = [.. first, .. _fields, .. last];
        Content = [Hash, .. _fields, Exact];
        Proved = [Episode, Ordinal, ReceivedAt, Term, Log, Chunk, Place];
    }

    /// <summary>All columns in their order.</summary>
    public PackColumn[] All { get; }

    /// <summary>Those that a step's hash proves.</summary>
    public PackColumn[] Content { get; }

    /// <summary>Those that a CRC in each row group proves.</summary>
    public PackColumn[] Proved { get; }

    public TextColumn Episode { get; } = new("episode_id", false, PackEncoding.Dictionary);

    public ValueColumn<long> Ordinal { get; } = new("ordinal", false, PackEncoding.Delta);

    public HashColumn Hash { get; } = new("hash") { HasStatistics = false };

    public TextColumn Exact { get; } = new("exact", true, PackEncoding.Dictionary) { HasStatistics = false };

    public ValueColumn<long> ReceivedAt { get; } = new("received_at", false, PackEncoding.Delta);

    public ValueColumn<long> Term { get; } = new("term", false, PackEncoding.Dictionary);

    public TextColumn Log { get; } = new("log", false, PackEncoding.Dictionary);

    public ValueColumn<long> Chunk { get; } = new("chunk", false, PackEncoding.Dictionary);

    public ValueColumn<int> Place { get; } = new("place", false, PackEncoding.Delta);

    /// <summary>Adds what a step's line holds.</summary>
    public void AddLine(ReadOnlySpan<byte> line)
    {
        _cells.Split(line);
        for (var i = 0; i < _fields.Length; i++) AddField((StepField)i, line);
        if (_cells.Exact.IsEmpty) Exact.AddNone();
        else Exact.Add(_cells.Exact);
    }

    /// <summary>Writes a row's line.</summary>
    /// <exception cref="InvalidDataException">The row was not made of a line.</exception>
    public void WriteLine(int row, System.Buffers.IBufferWriter<byte> output)
    {
        _cells.Clear();
        for (var i = 0; i < _fields.Length; i++) ReadField((StepField)i, row);
        if (Exact.Has(row)) _cells.SetExact(Exact[row]);
        _cells.Join(output);
    }

    /// <summary>Writes the head of the entry whose line was written last, where that line was printed from the cells alone.</summary>
    /// <returns>False where it was not: the line itself must be read.</returns>
    public bool TryWriteHead(Span<byte> head, int lineLength, UInt128 hash, long receivedAt)
    {
        if (!_cells.AreWhole) return false;
        var flags = StepFlags.None;
        if (_cells.Has(StepField.Timestamp)) flags |= StepFlags.HasTimestamp;
        if (_cells.Has(StepField.Done) && _cells.Integer(StepField.Done) != 0) flags |= StepFlags.Done;
        if (_cells.Has(StepField.Error) && !_cells.Text(StepField.Error, default).IsEmpty) flags |= StepFlags.Error;
        if (_cells.Flags > 0) flags |= StepFlags.Flagged;
        StepEntry.WriteHead(
            head, lineLength, flags, hash, receivedAt, _cells.Has(StepField.StepNumber) ? _cells.Integer(StepField.StepNumber) : StepEntry.NoStepNumber,
            Number(StepField.Reward, 0), Number(StepField.CumulativeReward, 0), Number(StepField.TestPassRate, double.NaN));
        return true;
    }

    private double Number(StepField field, double absent) => _cells.Has(field) ? _cells.Number(field) : absent;

    private static PackColumn Field(StepField field)
    {
        var name = StepFieldKinds.Column(field);
        return StepFieldKinds.All[(int)field] switch
        {
            StepFieldKind.Integer => new ValueColumn<long>(name, true, PackEncoding.Delta),
            StepFieldKind.Number => new ValueColumn<double>(name, true, PackEncoding.Dictionary),
            StepFieldKind.Truth => new ValueColumn<bool>(name, true, PackEncoding.Plain),
            StepFieldKind.Texts => new TextListColumn(name),
            StepFieldKind.Json => new TextColumn(name, true, PackEncoding.Dictionary) { HasStatistics = false },
            // The one field that a step must have.
            _ => new TextColumn(name, field != StepField.ActionType, PackEncoding.Dictionary) { HasStatistics = !IsLong(field) },
        };
    }

    private static bool IsLong(StepField field) =>
        field is StepField.ActionQuery or StepField.ActionContent or StepField.Error or StepField.Thought or StepField.Response;

    private void AddField(StepField field, ReadOnlySpan<byte> line)
    {
        var has = _cells.Has(field);
        switch (_fields[(int)field])
        {
            case ValueColumn<long> integers:
                integers.Add(has ? _cells.Integer(field) : null);
                break;
            case ValueColumn<double> numbers:
                numbers.Add(has ? _cells.Number(field) : null);
                break;
            case ValueColumn<bool> truths:
                truths.Add(has ? _cells.Integer(field) != 0 : null);
                break;
            case TextColumn texts:
                if (has) texts.Add(_cells.Text(field, line));
                else if (texts.IsOptional) texts.AddNone();
                else texts.Add(ReadOnlySpan<byte>.Empty);
                break;
            case TextListColumn lists:
                if (!has) lists.AddNone();
                else AddFlags(lists, line);
                break;
        }
    }

    private void AddFlags(TextListColumn lists, ReadOnlySpan<byte> line)
    {
        lists.AddList();
        for (var i = 0; i < _cells.Flags; i++) lists.AddText(_cells.Flag(i, line));
    }

    private void ReadField(StepField field, int row)
    {
        switch (_fields[(int)field])
        {
            case ValueColumn<long> integers when integers[row] is { } integer:
                _cells.SetInteger(field, integer);
                break;
            case ValueColumn<double> numbers when numbers[row] is { } number:
                _cells.SetNumber(field, number);
                break;
            case ValueColumn<bool> truths when truths[row] is { } truth:
                _cells.SetInteger(field, truth ? 1 : 0);
                break;
            case TextColumn texts when texts.Has(row):
                _cells.SetText(field, texts[row]);
                break;
            case TextListColumn lists when lists.CountOf(row) is { } count:
                _cells.SetFlags();
                for (var i = 0; i < count; i++) _cells.AddFlag(lists.Text(row, i));
                break;
        }
    }
}
