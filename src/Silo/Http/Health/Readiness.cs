namespace Rollbook.Silo.Http;

/// <summary>Whether requests should be sent here: from the end of recovery until the process begins to stop.</summary>
internal sealed class Readiness
{
    private volatile bool ready;

    /// <summary>True while the recorder takes steps.</summary>
    public bool IsReady => ready;

    /// <summary>Told by the host.</summary>
    public void Set(bool value) => ready = value;
}
