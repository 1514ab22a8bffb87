namespace Rollbook;

/// <summary>The recorder refuses a grain call because of who made it. The same call is refused again: nothing of it was done.</summary>
[GenerateSerializer, Alias("rollbook.AccessDeniedException")]
public sealed class AccessDeniedException : Exception
{
    /// <summary>A refusal.</summary>
    /// <param name="message">Why, and what to do.</param>
    public AccessDeniedException(string message)
        : base(message)
    {
    }

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
}
