namespace Rollbook.Client;

/// <summary>The episode takes no more steps: it was ended here, superseded, aborted or lost. Start another, or resume a lost one.</summary>
public sealed class EpisodeEndedException : RefusedException
{
    internal EpisodeEndedException(string code, string message)
        : base(code, message)
    {
    }
}
