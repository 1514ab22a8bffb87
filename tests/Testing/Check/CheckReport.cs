using System.Collections.Concurrent;
using Xunit;

namespace Rollbook.Testing;

/// <summary>What the comparison of a load's journals with the recorder's answers found.</summary>
internal sealed class CheckReport
{
    private long episodes, steps, unknown;

    public long Episodes => episodes;

    /// <summary>Acknowledged steps that were compared.</summary>
    public long Steps => steps;

    /// <summary>Steps that are there although nobody was told so: sent, never acknowledged.</summary>
    public long Unknown => unknown;

    public ConcurrentQueue<string> Lost { get; } = [];

    public ConcurrentQueue<string> Wrong { get; } = [];

    public void Count(long acknowledged, long found)
    {
        Interlocked.Increment(ref episodes);
        Interlocked.Add(ref steps, acknowledged);
        Interlocked.Add(ref unknown, Math.Max(0, found - acknowledged));
    }

    /// <summary>Fails where anything is lost or not what was sent.</summary>
    public void AssertClean()
    {
        Assert.True(
            Lost.IsEmpty && Wrong.IsEmpty,
            $"{Lost.Count} lost, {Wrong.Count} wrong:\n{string.Join('\n', Lost.Concat(Wrong).Take(20))}");
        Assert.True(Steps > 0, "No step was acknowledged: nothing was tested.");
    }
}
