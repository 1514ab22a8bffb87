namespace Rollbook.Client;

/// <summary>A newer writer has started or resumed this episode: stop this one, or start another episode.</summary>
public sealed class WriterFencedException : RefusedException
{
    internal WriterFencedException(string code, string message)
        : base(code, message)
    {
    }
}
