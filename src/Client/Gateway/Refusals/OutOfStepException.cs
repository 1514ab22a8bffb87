namespace Rollbook.Client;

/// <summary>The recorder holds other steps than this logger believes (a gap, another step at the same place, a damaged log): resume the episode, or start another.</summary>
public sealed class OutOfStepException : RefusedException
{
    internal OutOfStepException(string code, string message)
        : base(code, message)
    {
    }
}
