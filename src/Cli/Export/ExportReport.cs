using Spectre.Console;

namespace Rollbook.Cli;

/// <summary>What an export tells: a bar while it works, a line an episode where it goes to files, and a sum of several.</summary>
internal sealed class ExportReport(CliHost host, bool json, bool toFile)
{
    /// <summary>The code of an episode that is damaged where it is stored.</summary>
    public const string Damaged = "damaged";

    /// <summary>The code of an episode that a file of an earlier run should hold and does not.</summary>
    public const string Absent = "left_out";

    private readonly HeldLines _lines = new(host);
    private readonly List<string> _running = [];
    private readonly List<(string EpisodeId, string Code, string Message)> _absent = [];
    private ProgressTask? _progress;
    private int _exported;
    private int _kept;
    private (string Path, int Done, int All)? _part;
    private (string Directory, int Named, int Downloaded)? _blobs;

    /// <summary>Runs the work under a bar that counts steps.</summary>
    public Task WithProgressAsync(IReadOnlyList<ExportItem> episodes, Func<Task> work) =>
        _lines.WithProgressAsync("export", episodes.Sum(Weight), progress =>
        {
            _progress = progress;
            return work();
        });

    /// <summary>So many bytes of the present file came.</summary>
    public void Received(long bytes) => _progress?.Description($"export, {bytes / 1048576.0:0.0} MiB of the present file");

    /// <summary>An episode was written; to the standard output where there is no file.</summary>
    public void Exported(ExportItem episode, string? file)
    {
        _exported++;
        if (episode.IsRunning)
            _running.Add(episode.EpisodeId);
        Tell(episode, file, kept: false);
    }

    /// <summary>An episode was there already.</summary>
    public void Kept(ExportItem episode, string file)
    {
        _kept++;
        Tell(episode, file, kept: true);
    }

    /// <summary>An episode can't be read, and nothing of it was written.</summary>
    public void LeftOut(ExportItem episode, string detail)
    {
        _progress?.Increment(Weight(episode));
        _absent.Add((episode.EpisodeId, Damaged, detail));
    }

    /// <summary>An episode is not where an earlier run should have written it.</summary>
    public void Missing(ExportItem episode, string message)
    {
        _progress?.Increment(Weight(episode));
        _absent.Add((episode.EpisodeId, Absent, message));
    }

    /// <summary>Ok where all episodes are there.</summary>
    public int Outcome => _absent.Count == 0 ? ExitCode.Ok : ExitCode.Failed;

    /// <summary>Those that are there.</summary>
    public IReadOnlyList<ExportItem> Present(IReadOnlyList<ExportItem> episodes)
    {
        var absent = _absent.Select(static each => each.EpisodeId).ToHashSet(StringComparer.Ordinal);
        return [.. episodes.Where(episode => !absent.Contains(episode.EpisodeId))];
    }

    /// <summary>The work ends before its end, and a part stays.</summary>
    public void Part(string path, int done, int all) => _part = (path, done, all);

    /// <summary>The large values that the episodes name are in a directory.</summary>
    public void Blobs(string directory, (int Named, int Downloaded) count) => _blobs = (directory, count.Named, count.Downloaded);

    /// <summary>Writes the held lines, the sum and the notes.</summary>
    public void Finish()
    {
        _lines.Flush();
        if (toFile && !json && _exported + _kept > 1)
            host.Out.WriteLine($"{_exported} exported{(_kept > 0 ? $", {_kept} were there" : "")}.");
        TellAbsent();
        if (_running.Count == 1)
            CliMessages.Note(host, json, $"{_running[0]} is still running: this is what it had recorded.");
        else if (_running.Count > 1)
            CliMessages.Note(host, json, $"{_running.Count} episodes are still running: this is what they had recorded.");
        if (_blobs is { } blobs)
            CliMessages.Note(host, json, $"The episodes name {blobs.Named} large values, {blobs.Downloaded} of them downloaded now: '{blobs.Directory}'.");
        if (_part is { } part)
            CliMessages.Note(host, json, $"{part.Done} of {part.All} episodes are in '{part.Path}': the same command with --resume goes on.");
    }

    /// <summary>Says what becomes of episodes that are damaged.</summary>
    public static void TellCure(CliHost host, bool json, int damaged) => CliMessages.Note(
        host, json, $"{damaged} {(damaged == 1 ? "episode was" : "episodes were")} left out, since what the recorder stores of {(damaged == 1 ? "it" : "them")} is damaged; all others are exported. "
        + "Stop the recorder and run 'rollbook verify DATA_DIRECTORY': it names each damaged file and its cure.");

    private void TellAbsent()
    {
        foreach (var (_, code, message) in _absent)
            CliMessages.Error(host, json, code, message);
        if (_absent.Count(static each => each.Code == Damaged) is var damaged and > 0)
            TellCure(host, json, damaged);
    }

    private static long Weight(ExportItem episode) => episode.Steps + 1;

    private void Tell(ExportItem episode, string? file, bool kept)
    {
        _progress?.Increment(Weight(episode));
        if (file is null)
            return;
        _lines.Write(json
            ? CliJson.Line(writer =>
            {
                writer.WriteString("episode_id", episode.EpisodeId);
                writer.WriteString("file", file);
                writer.WriteNumber("steps", episode.Steps);
                if (kept)
                    writer.WriteBoolean("kept", true);
            })
            : $"{episode.EpisodeId}  {episode.Steps,6} steps  {TerminalText.Clean(file)}{(kept ? "  (was there)" : "")}");
    }
}
