using Spectre.Console;

namespace Rollbook.Cli;

/// <summary>Result lines beside a progress bar: on one terminal they wait until the bar is gone, since two writers would tear it.</summary>
internal sealed class HeldLines(CliHost host)
{
    private readonly List<string> _held = [];
    private bool _hold;

    /// <summary>Runs the work under a bar on the standard error where that is a terminal, else without one.</summary>
    public async Task WithProgressAsync(string title, double max, Func<ProgressTask?, Task> work)
    {
        if (!host.ErrorIsTerminal || max <= 0)
        {
            await work(null);
            return;
        }

        _hold = host.OutIsTerminal;
        await host.ErrorConsole().Progress()
            .AutoClear(true)
            .Columns(new SpinnerColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn(), new TaskDescriptionColumn())
            .StartAsync(context => work(context.AddTask(title, maxValue: max)));
        _hold = false;
    }

    public void Write(string line)
    {
        if (_hold)
            _held.Add(line);
        else
            host.Out.WriteLine(line);
    }

    /// <summary>Writes what was held, also where the work failed.</summary>
    public void Flush()
    {
        _hold = false;
        foreach (var line in _held)
            host.Out.WriteLine(line);
        _held.Clear();
    }
}
