namespace Rollbook;

/// <summary>The recorder refuses a grain call because of who made it. The same call is refused again: nothing of it was done.</summary>
[GenerateSerializer, Alias("rollbook.AccessDeniedException")]
public sealed class AccessDeniedException : Exception
{
    /// <summary>The <see cref="Code"/> of a caller that is not known.</summary>
    public const string Unauthenticated = "unauthenticated";

    /// <summary>The <see cref="Code"/> of a caller that may not do this.</summary>
    public const string Forbidden = "forbidden";

    // Null where a recorder of an older release refuses.
    [Id(0)]
    private string? code;

    /// <summary>A refusal.</summary>
    /// <param name="message">Why, and what to do.</param>
    public AccessDeniedException(string message)
        : base(message)
    {
    }

    /// <summary>A refusal.</summary>
    /// <param name="code"><see cref="Unauthenticated"/> or <see cref="Forbidden"/>.</param>
    /// <param name="message">Why, and what to do.</param>
    public AccessDeniedException(string code, string message)
        : base(message) => this.code = code;

    /// <summary>A refusal without words.</summary>
    public AccessDeniedException()
        : this("The recorder refuses this caller.")
    {
    }

    /// <summary>A refusal with its cause.</summary>
    /// <param name="message">Why, and what to do.</param>
    /// <param name="innerException">The cause.</param>
    public AccessDeniedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Why, as over HTTP: <see cref="Unauthenticated"/> where the credential is missing or not accepted, <see cref="Forbidden"/> where it may not do this.</summary>
    public string Code => code ?? Forbidden;
}
