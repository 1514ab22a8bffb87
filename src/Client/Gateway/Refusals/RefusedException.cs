namespace Rollbook.Client;

/// <summary>A final answer of the recorder: the same call will not succeed. Derived types name the decision that it asks for.</summary>
public class RefusedException : RollbookException
{
    internal RefusedException(string code, string message)
        : base(code, message, retry: false)
    {
    }
}
