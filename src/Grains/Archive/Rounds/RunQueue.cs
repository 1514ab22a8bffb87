using System.Globalization;

namespace Rollbook.Archive;

/// <summary>How long threads ran and waited for a processor, as the kernel counts it.</summary>
/// <param name="Ran">Time on a processor.</param>
/// <param name="Waited">Time in which the thread was ready and no processor was free.</param>
internal readonly record struct RunQueue(TimeSpan Ran, TimeSpan Waited)
{
    private const string Path = "/proc/thread-self/schedstat";

    /// <summary>The share of the time that a thread wanted to run in which it could not, 0 to 1.</summary>
    public double WaitedShare => Ran + Waited is var wanted && wanted > TimeSpan.Zero ? Waited / wanted : 0;

    /// <summary>The sums of the calling thread since its start; null where the system doesn't tell.</summary>
    /// <remarks>https://docs.kernel.org/scheduler/sched-stats.html#proc-pid-schedstat: nanoseconds run, nanoseconds waited, time slices.</remarks>
    public static RunQueue? OfThisThread()
    {
        if (!OperatingSystem.IsLinux()) return null;
        try
        {
            return Parse(File.ReadAllText(Path));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // A kernel without the counters.
            return null;
        }
    }

    /// <summary>Reads a line of the kernel's.</summary>
    internal static RunQueue? Parse(string line)
    {
        var parts = line.Split(' ');
        return parts.Length >= 2 && long.TryParse(parts[0], CultureInfo.InvariantCulture, out var ran) && long.TryParse(parts[1], CultureInfo.InvariantCulture, out var waited)
            ? new RunQueue(TimeSpan.FromTicks(ran / TimeSpan.NanosecondsPerTick), TimeSpan.FromTicks(waited / TimeSpan.NanosecondsPerTick))
            : null;
    }

    /// <summary>What passed between two readings.</summary>
    public static RunQueue operator -(RunQueue later, RunQueue earlier) => new(later.Ran - earlier.Ran, later.Waited - earlier.Waited);
}
