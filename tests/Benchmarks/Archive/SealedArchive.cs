using System.Diagnostics;
using Rollbook.Archive;

namespace Rollbook.Benchmarks;

/// <summary>What is in the folders of the days.</summary>
internal static class SealedArchive
{
    /// <summary>How many steps.</summary>
    public static async Task<long> StepsAsync(string data) =>
        (await ManifestAsync(data)).Packs.Where(static pack => pack.Day is not null).Sum(static pack => pack.Steps?.Rows ?? 0);

    /// <summary>All files of steps that count.</summary>
    public static async Task<IReadOnlyList<string>> StepFilesAsync(string data) =>
        [.. (await ManifestAsync(data)).Packs.Where(static pack => pack.Steps is not null).Select(pack => Path.Combine(data, "archive", pack.Steps!.Name))];

    /// <summary>Waits until there are so many steps.</summary>
    public static async Task WaitAsync(string data, long steps, TimeSpan longest)
    {
        var clock = Stopwatch.StartNew();
        while (await StepsAsync(data) is var stored && stored < steps)
        {
            if (clock.Elapsed > longest) throw new InvalidOperationException($"After {longest} only {stored:N0} of {steps:N0} steps are in the folders of their days.");
            await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System);
        }
    }

    private static ValueTask<Manifest> ManifestAsync(string data) =>
        new ManifestStore(new LocalArchiveStore(Path.Combine(data, "archive"))).ReadAsync(EpisodeKey.DefaultProject, CancellationToken.None);
}
