namespace Rollbook.Client;

/// <summary>What one look at a recorder found.</summary>
/// <param name="Status">The HTTP status of <c>/health/ready</c>: 200 when it takes writes, 503 when it doesn't yet.</param>
/// <param name="Time">The recorder's clock, in whole seconds, where the answer told it.</param>
public sealed record RecorderHealth(int Status, DateTimeOffset? Time)
{
    /// <summary>True when it takes writes.</summary>
    public bool IsReady => Status == 200;
}
