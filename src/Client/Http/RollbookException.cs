namespace Rollbook.Client;

/// <summary>The recorder refused a call, or no answer could be had.</summary>
/// <remarks>
/// <see cref="Code"/> is one of the codes of the HTTP contract, or <see cref="Unreachable"/> where no answer came within
/// <see cref="RollbookHttpOptions.GiveUpAfter"/>. With <see cref="Retry"/> the outcome of a write is unknown: send the same again.
/// The client over the Orleans gateway throws types derived from it, one for each decision that a caller can take.
/// </remarks>
public class RollbookException : Exception
{
    /// <summary>The code of a call that got no answer.</summary>
    public const string Unreachable = "unreachable";

    /// <summary>Makes the error of a call that failed with this code.</summary>
    public RollbookException(string code, string message, bool retry, Exception? innerException = null)
        : base(message, innerException)
    {
        Code = code;
        Retry = retry;
    }

    /// <summary>What went wrong, stable across releases: <c>ordinal_gap</c>, <c>episode_ended</c>, …</summary>
    public string Code { get; }

    /// <summary>True where the same request may succeed later.</summary>
    public bool Retry { get; }

    /// <summary>The next ordinal (<c>ordinal_gap</c>) or the one in conflict (<c>ordinal_conflict</c>), else null.</summary>
    public long? Expected { get; init; }

    /// <summary>JSON pointer to the bad place of the request, where the recorder named one.</summary>
    public string? Pointer { get; init; }

    /// <summary>1-based line of the NDJSON body or the statement, where the recorder named one.</summary>
    public long? Line { get; init; }

    /// <summary>1-based character in that line of a statement, where the recorder named one.</summary>
    public long? Column { get; init; }

    /// <summary>The HTTP status, or null where no answer came.</summary>
    public int? Status { get; init; }

    /// <summary>How long the recorder asks to wait, where it did.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
