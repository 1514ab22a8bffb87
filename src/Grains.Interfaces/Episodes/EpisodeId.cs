namespace Rollbook;

/// <summary>The id of one episode: a ULID, minted by the recorder or by the client. Ids minted later sort later.</summary>
/// <param name="Value">The 128 bits, most significant first.</param>
[GenerateSerializer, Immutable, Alias("rollbook.EpisodeId")]
public readonly record struct EpisodeId([property: Id(0)] UInt128 Value) : IComparable<EpisodeId>
{
    /// <summary>Mints an id of this moment with cryptographic randomness.</summary>
    public static EpisodeId New(TimeProvider time) => new(Ulid128.New(time));

    /// <summary>Mints an id of this moment from a seeded source, for runs that must repeat.</summary>
    public static EpisodeId New(TimeProvider time, Random seeded) => new(Ulid128.New(time, seeded));

    /// <summary>Reads the 26 characters of a ULID, in any case.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out EpisodeId id)
    {
        var ok = Ulid128.TryParse(text, out var value);
        id = new EpisodeId(value);
        return ok;
    }

    /// <summary>Reads the 26 characters of a ULID.</summary>
    /// <exception cref="FormatException">The text is not a ULID.</exception>
    public static EpisodeId Parse(string text) =>
        TryParse(text, out var id) ? id : throw new FormatException($"'{text}' is not an episode id: a ULID of 26 characters is expected.");

    /// <inheritdoc/>
    public int CompareTo(EpisodeId other) => Value.CompareTo(other.Value);

    /// <summary>The 26 characters, upper case.</summary>
    public override string ToString() => Ulid128.Format(Value);
}
