namespace Rollbook.Silo.Http;

/// <summary>Whether requests should be sent here: from the end of recovery until the process begins to stop.</summary>
internal sealed class Readiness
{
    private volatile bool ready;

    /// <summary>True while the recorder takes steps.</summary>
    public bool IsReady => ready;

    /// <summary>What is open to others although it should not be, each a sentence without its full stop; empty = nothing.</summary>
    public IReadOnlyList<string> Insecure { get; init; } = [];

    /// <summary>Told by the host.</summary>
    public void Set(bool value) => ready = value;
}
