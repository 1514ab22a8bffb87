using Spectre.Console;

namespace Rollbook.Cli;

/// <summary>What an import tells: a bar while it works, a line per file, and a sum.</summary>
internal sealed class ImportReport(CliHost host, bool json)
{
    private readonly List<string> _held = [];
    private bool _hold;
    private int _files;
    private long _steps;

    public int Failed { get; private set; }

    /// <summary>Runs the work under a bar on the standard error where that is a terminal; the lines then come after it.</summary>
    public async Task WithProgressAsync(int files, Func<ProgressTask?, Task> work)
    {
        if (!host.ErrorIsTerminal)
        {
            await work(null);
            return;
        }

        // Two writers on one terminal would tear the bar.
        _hold = host.OutIsTerminal;
        await host.ErrorConsole().Progress()
            .AutoClear(true)
            .Columns(new SpinnerColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn(), new TaskDescriptionColumn())
            .StartAsync(context => work(context.AddTask("import", maxValue: files)));
        _hold = false;
    }

    public void Imported(string file, string episodeId, int steps)
    {
        _files++;
        _steps += steps;
        Write(json
            ? CliJson.Line(writer =>
            {
                writer.WriteString("file", file);
                writer.WriteString("episode_id", episodeId);
                writer.WriteNumber("steps", steps);
            })
            : $"{episodeId}  {steps,6} steps  {TerminalText.Clean(file)}");
    }

    public void Refused(string file, string reason)
    {
        Failed++;
        if (json)
        {
            Write(CliJson.Line(writer =>
            {
                writer.WriteString("file", file);
                writer.WriteString("error", reason);
            }));
        }
        else
        {
            Write($"{"skipped",-26}                {TerminalText.Clean(file)}: {TerminalText.Clean(reason)}");
        }
    }

    /// <summary>Writes the held lines and the sum.</summary>
    public void Finish()
    {
        foreach (var line in _held)
            host.Out.WriteLine(line);
        if (!json)
            host.Out.WriteLine($"{_files} imported, {_steps} steps{(Failed > 0 ? $"; {Failed} skipped" : "")}.");
    }

    private void Write(string line)
    {
        if (_hold)
            _held.Add(line);
        else
            host.Out.WriteLine(line);
    }
}
