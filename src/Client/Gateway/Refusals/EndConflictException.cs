namespace Rollbook.Client;

/// <summary>The episode has ended already with another score, cause or status, which stands.</summary>
public sealed class EndConflictException : RefusedException
{
    internal EndConflictException(string code, string message)
        : base(code, message)
    {
    }
}
