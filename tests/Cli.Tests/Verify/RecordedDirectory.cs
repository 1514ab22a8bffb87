using System.Text.Json;
using Rollbook.Testing;
using Xunit;

namespace Rollbook.Cli.Tests.Verify;

/// <summary>
/// A data directory that a recorder filled and left: sealed episodes of two compactions, one that runs on and lies in packs, a late score, and a dead log that is freed.
/// </summary>
internal sealed class RecordedDirectory : IDisposable
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(120);

    private static readonly Dictionary<string, string?> Hurried = new()
    {
        ["Rollbook:Archive:PackSeconds"] = "1",
        ["Rollbook:Archive:CompactSeconds"] = "1",
        ["Rollbook:StepLog:SegmentBytes"] = "1048576",
        ["Rollbook:LocalStepLog:SegmentBytes"] = "1048576",
    };

    private readonly TempDirectory _directory = new();

    /// <summary>Where it is.</summary>
    public string Path => _directory.Path;

    /// <summary>The episodes' ids.</summary>
    public List<string> Episodes { get; } = [];

    /// <summary>What each episode's steps were as they were served.</summary>
    public Dictionary<string, string> Steps { get; } = [];

    /// <summary>What each episode's record was.</summary>
    public Dictionary<string, string> Records { get; } = [];

    /// <summary>Records, packs and compacts.</summary>
    public static async Task<RecordedDirectory> MakeAsync()
    {
        var made = new RecordedDirectory();
        await made.RecordAsync(0, 4);
        // The second recorder finds a dead log, packs it whole and frees it.
        await made.RecordAsync(4, 8);
        return made;
    }

    /// <summary>A copy of a stopped directory, as a backup makes it.</summary>
    public static TempDirectory CopyOf(string from)
    {
        var copy = new TempDirectory();
        foreach (var folder in Directory.EnumerateDirectories(from, "*", SearchOption.AllDirectories)) Directory.CreateDirectory(In(folder));
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories)) File.Copy(file, In(file));
        return copy;

        string In(string path) => System.IO.Path.Combine(copy.Path, System.IO.Path.GetRelativePath(from, path));
    }

    /// <summary>The archive's files that count, in order: those that a compaction replaced lie there for a while, and nobody reads them.</summary>
    public static List<string> ArchiveFiles(string data)
    {
        var root = System.IO.Path.Combine(data, "archive");
        var manifest = System.IO.Path.Combine(root, "projects", "default", "manifest.json");
        using var json = JsonDocument.Parse(File.ReadAllBytes(manifest));
        return [.. json.RootElement.GetProperty("packs").EnumerateArray().SelectMany(static pack => pack.EnumerateObject())
            .Where(static part => part.Value.ValueKind == JsonValueKind.Object)
            .Select(part => System.IO.Path.Combine(root, part.Value.GetProperty("name").GetString()!)).Append(manifest).Order(StringComparer.Ordinal)];
    }

    /// <summary>Flips one bit of a file in place; a repeat puts it right again.</summary>
    public static void Flip(string file, long offset, int bit)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        stream.Position = offset;
        var value = stream.ReadByte();
        stream.Position = offset;
        stream.WriteByte((byte)(value ^ (1 << bit)));
    }

    public void Dispose() => _directory.Dispose();

    private async Task RecordAsync(int from, int to)
    {
        await using var recorder = await RealRecorder.StartAsync(Path, Hurried);
        for (var i = from; i < to; i++)
        {
            var episode = new NastyEpisode(100 + i, mostSteps: 40);
            await recorder.RecordAsync(episode);
            Episodes.Add(episode.Id.ToString());
        }

        await UntilAsync(async () => Sealed(await ReadAsync(recorder, "/v1/episodes?limit=100")));
        foreach (var id in Episodes)
        {
            Steps[id] = await ReadAsync(recorder, $"/v1/episodes/{id}/steps");
            Records[id] = WithoutSilence(await ReadAsync(recorder, $"/v1/episodes/{id}?steps=false"));
        }
    }

    /// <summary>An answer. While an episode is being sealed it is unavailable for a moment, as a recorder says that still starts.</summary>
    public static async Task<string> ReadAsync(RealRecorder recorder, string path)
    {
        string? body = null;
        await UntilAsync(async () =>
        {
            (var status, body) = await recorder.TryGetAsync(path);
            Assert.True(status is 200 or 503, $"{path}: {status}");
            return body is not null;
        });
        return body!;
    }

    /// <summary>A record without what changes by itself.</summary>
    public static string WithoutSilence(string record)
    {
        var json = System.Text.Json.Nodes.JsonNode.Parse(record)!.AsObject();
        foreach (var name in json.Where(static p => p.Key.Contains("silen", StringComparison.Ordinal) || p.Key == "writer_epoch").Select(static p => p.Key).ToList()) json.Remove(name);
        return json.ToJsonString();
    }

    // What has ended for good lies in its day, and everything else in packs: no dead log is left out.
    private bool Sealed(string list)
    {
        using var json = JsonDocument.Parse(list);
        if (!json.RootElement.GetProperty("complete").GetBoolean()) return false;
        var ended = json.RootElement.GetProperty("items").EnumerateArray()
            .Where(static i => i.GetProperty("status").GetString() is "completed" or "aborted" or "superseded").Select(static i => i.GetProperty("episode_id").GetString()!).ToList();
        using var folders = new DayFolders(Path);
        // The folders are there before their first file.
        var root = System.IO.Path.Combine(Path, "archive/projects/default/episodes");
        if (ended.Count == 0 || !Directory.Exists(root) || !Directory.EnumerateFiles(root, "*.parquet", SearchOption.AllDirectories).Any()) return false;
        try
        {
            var there = folders.Episodes();
            return ended.TrueForAll(there.ContainsKey);
        }
        catch (DuckDB.NET.Data.DuckDBException moved) when (moved.Message.Contains("No such file", StringComparison.Ordinal))
        {
            // The recorder wrote a day anew between the engine's listing and its reading.
            return false;
        }
    }

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        var begun = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(begun) < Longest, "Not everything was packed and sealed, or an episode stayed unavailable.");
            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }
}
