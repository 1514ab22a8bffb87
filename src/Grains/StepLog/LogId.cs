namespace Rollbook.StepLog;

/// <summary>
/// The identity of one silo process's write-ahead log: a ULID, minted at each start. Identity is this id and never an address.
/// </summary>
/// <param name="Value">The 128 bits, most significant first.</param>
public readonly record struct LogId(UInt128 Value) : IComparable<LogId>
{
    /// <summary>Mints an id of this moment.</summary>
    public static LogId New(TimeProvider time) => new(EpisodeId.New(time).Value);

    /// <summary>Reads the 26 characters of a ULID.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out LogId id)
    {
        var ok = EpisodeId.TryParse(text, out var ulid);
        id = new LogId(ulid.Value);
        return ok;
    }

    /// <summary>Reads the 26 characters of a ULID.</summary>
    /// <exception cref="FormatException">The text is not a ULID.</exception>
    public static LogId Parse(string text) => new(EpisodeId.Parse(text).Value);

    /// <inheritdoc/>
    public int CompareTo(LogId other) => Value.CompareTo(other.Value);

    /// <summary>The 26 characters, upper case.</summary>
    public override string ToString() => new EpisodeId(Value).ToString();
}
