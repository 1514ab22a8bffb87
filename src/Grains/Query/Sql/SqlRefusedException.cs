namespace Rollbook.Query;

/// <summary>A statement has no answer.</summary>
internal sealed class SqlRefusedException(SqlRefusal refusal, string message) : Exception(message)
{
    /// <summary>Why.</summary>
    public SqlRefusal Refusal => refusal;

    /// <summary>1-based line of the bad place in the statement; null = not known.</summary>
    public int? Line { get; init; }

    /// <summary>1-based character in that line.</summary>
    public int? Column { get; init; }
}
