using System.Globalization;
using System.Runtime.CompilerServices;

namespace Rollbook.Kill.Tests;

/// <summary>A Python process that records episodes with the client of this tree, and prints each step of which it was told that it is durable.</summary>
internal sealed class PythonLoad : IAsyncDisposable
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(300);
    private readonly ChildProcess process;
    private readonly string stop;

    /// <summary>Starts it.</summary>
    /// <param name="urls">The silos' addresses, with commas between.</param>
    /// <param name="worker">Its worker.</param>
    /// <param name="directory">Where it keeps files.</param>
    public PythonLoad(string urls, string worker, string directory)
    {
        stop = Path.Combine(directory, worker + ".stop");
        process = ChildProcess.Start(
            ["python3", Path.Combine(Tree, "tests/Client.Python/load_worker.py"), Path.Combine(Tree, "src/Client.Python"), urls, worker, "block", stop],
            new Dictionary<string, string> { ["ROLLBOOK_SPOOL"] = directory, ["ROLLBOOK_LOCK_DIR"] = directory });
    }

    private static string Tree { get; } = Root();

    /// <summary>Completes when so many more steps are acknowledged.</summary>
    public async Task MoreAsync(int steps)
    {
        var wanted = process.Output.All().Count(IsStep) + steps;
        var seen = 0;
        await process.LineAsync(line => IsStep(line) && ++seen >= wanted, $"{steps} more steps", Longest);
    }

    /// <summary>Lets it end its episode; returns the acknowledged ordinals of each.</summary>
    public async Task<IReadOnlyDictionary<string, List<long>>> StopAsync()
    {
        await File.WriteAllTextAsync(stop, "");
        Assert.Equal(0, await process.ExitAsync(Longest));
        var lines = process.Output.All();
        // With the policy "block" nobody is to see an exception of a kill.
        Assert.Equal(["closed"], lines.Where(static line => !IsStep(line)));
        return lines.Where(IsStep).Select(static line => line.Split(' ')).GroupBy(static words => words[0])
            .ToDictionary(static episode => episode.Key, static episode => episode.Select(static words => long.Parse(words[1], CultureInfo.InvariantCulture)).ToList());
    }

    public ValueTask DisposeAsync() => process.DisposeAsync();

    private static bool IsStep(string line) => line.Length > 27 && line[26] == ' ' && long.TryParse(line.AsSpan(27), out _);

    private static string Root([CallerFilePath] string path = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(path)!, "../../.."));
}
