namespace Rollbook.Client;

/// <summary>
/// The step (or start, ending, score, label or patch) is not what the contract allows. It was not taken and nothing was sent: correct it and call again.
/// <see cref="RollbookException.Pointer"/> names the bad place; of several steps, <see cref="RollbookException.Line"/> the 1-based one.
/// </summary>
public sealed class BadStepException : RollbookException
{
    internal BadStepException(string message, string pointer, long? line = null, Exception? cause = null)
        : base("bad_json", pointer.Length == 0 ? message : $"{message} At {pointer}.", retry: false, cause)
    {
        Pointer = pointer;
        Line = line;
    }

    private BadStepException(string message)
        : base("too_large", message, retry: false)
    {
    }

    internal static BadStepException TooLarge(string message) => new(message);
}
