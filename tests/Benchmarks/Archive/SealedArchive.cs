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

    // The file itself: a second store over a recorder's directory would take away what the recorder is writing.
    private static async Task<Manifest> ManifestAsync(string data)
    {
        var path = Path.Combine(data, "archive", ArchivePaths.Manifest(EpisodeKey.DefaultProject));
        return File.Exists(path) ? ManifestCodec.Read(await File.ReadAllBytesAsync(path), "") : Manifest.Empty;
    }
}
