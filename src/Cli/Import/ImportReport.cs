using Spectre.Console;

namespace Rollbook.Cli;

/// <summary>What an import tells: a bar while it works, a line per file, and a sum.</summary>
internal sealed class ImportReport(CliHost host, bool json)
{
    private readonly HeldLines _lines = new(host);
    private int _files;
    private long _steps;

    public int Failed { get; private set; }

    /// <summary>Runs the work under a bar; the lines then come after it.</summary>
    public Task WithProgressAsync(int files, Func<ProgressTask?, Task> work) => _lines.WithProgressAsync("import", files, work);

    /// <summary>A file was recorded.</summary>
    /// <param name="file">Its path.</param>
    /// <param name="episodeId">The episode that it became.</param>
    /// <param name="steps">How many steps the file has.</param>
    /// <param name="note">What is not as in the file, or null.</param>
    public void Imported(string file, string episodeId, long steps, string? note = null)
    {
        _files++;
        _steps += steps;
        _lines.Write(json
            ? CliJson.Line(writer =>
            {
                writer.WriteString("file", file);
                writer.WriteString("episode_id", episodeId);
                writer.WriteNumber("steps", steps);
                if (note is not null)
                    writer.WriteString("note", note);
            })
            : $"{episodeId}  {steps,6} steps  {TerminalText.Clean(file)}{(note is null ? "" : $"  ({TerminalText.OneLine(note, 200)})")}");
    }

    /// <summary>A file is whole and has no episode: all that it should hold was damaged where it was exported.</summary>
    public void Empty(string file)
    {
        const string Why = "it has no episode, only the note of those that could not be exported";
        _lines.Write(json
            ? CliJson.Line(writer =>
            {
                writer.WriteString("file", file);
                writer.WriteString("note", Why);
            })
            : $"{"nothing",-26}                {TerminalText.Clean(file)}: {Why}");
    }

    public void Refused(string file, string reason)
    {
        Failed++;
        if (json)
        {
            _lines.Write(CliJson.Line(writer =>
            {
                writer.WriteString("file", file);
                writer.WriteString("error", reason);
            }));
        }
        else
        {
            _lines.Write($"{"skipped",-26}                {TerminalText.Clean(file)}: {TerminalText.Clean(reason)}");
        }
    }

    /// <summary>Writes the held lines and the sum.</summary>
    public void Finish()
    {
        _lines.Flush();
        if (!json)
            host.Out.WriteLine($"{_files} imported, {_steps} steps{(Failed > 0 ? $"; {Failed} skipped" : "")}.");
    }
}
