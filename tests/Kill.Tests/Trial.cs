using System.Globalization;
using Xunit.Sdk;

namespace Rollbook.Kill.Tests;

/// <summary>A test of a cluster with an end: when its time is over, and when anything in it fails, it tells how far it came and what each silo said last.</summary>
internal sealed class Trial
{
    private const int PhasesTold = 8;
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(Tier.Number("ROLLBOOK_KILL_SECONDS", 600));
    private readonly long begun = TimeProvider.System.GetTimestamp();
    private readonly List<string> phases = [];
    private readonly Lock gate = new();
    private readonly string? file;

    private Trial(SiloCluster cluster) =>
        file = SiloCluster.OutputDirectory is { } output ? Path.Combine(output, cluster.Id + "-test.txt") : null;

    /// <summary>Starts the silos, runs the test, and ends them.</summary>
    public static async Task RunAsync(SiloCluster cluster, Func<Trial, Task> test)
    {
        await using (cluster)
        {
            await RunAsync(cluster, cluster.StartAsync, test);
        }
    }

    /// <summary>Runs a test of silos that the caller ends.</summary>
    /// <param name="cluster">The silos.</param>
    /// <param name="start">Starts them.</param>
    /// <param name="test">The test. It may still be waiting when its time is over: that the silos end ends it too.</param>
    public static async Task RunAsync(SiloCluster cluster, Func<Task> start, Func<Trial, Task> test)
    {
        var trial = new Trial(cluster);
        try
        {
            await trial.RunAsync(start, test).WithinAsync(Longest, () => "The test did not end");
        }
        catch (Exception failure) when (failure is not SkipException)
        {
            throw new TrialFailedException($"{failure.Message}\n{trial}\n{cluster.Tell()}", failure);
        }
    }

    /// <summary>Says what the test does from now on.</summary>
    public void Now(string does)
    {
        var line = string.Create(CultureInfo.InvariantCulture, $"{TimeProvider.System.GetElapsedTime(begun).TotalSeconds,6:0.0} s: {does}");
        lock (gate)
        {
            phases.Add(line);
            if (file is not null) File.AppendAllText(file, line + "\n");
        }
    }

    /// <summary>What it did last, and when.</summary>
    public override string ToString()
    {
        lock (gate) return string.Join('\n', phases.TakeLast(PhasesTold));
    }

    private async Task RunAsync(Func<Task> start, Func<Trial, Task> test)
    {
        Now("the silos start");
        await start();
        await test(this);
        Now("the end");
    }
}
