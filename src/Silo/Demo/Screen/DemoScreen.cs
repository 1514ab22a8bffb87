using System.Collections.Concurrent;
using System.Text;
using Spectre.Console;

namespace Rollbook.Silo.Demo;

/// <summary>Shows the board: a live table where the output is a terminal, else a plain line now and then, without control codes.</summary>
internal sealed class DemoScreen(IAnsiConsole console, DemoBoard board, DemoOptions options, TimeProvider time)
{
    private readonly ConcurrentQueue<string> _lines = new();
    private volatile bool _drawing;

    private bool IsTerminal => console.Profile.Out.IsTerminal && console.Profile.Capabilities is { Ansi: true, Interactive: true };

    /// <summary>Shows the board until it is told to stop.</summary>
    public Task RunAsync(string address, CancellationToken cancellationToken) =>
        IsTerminal ? DrawAsync(address, cancellationToken) : WriteLinesAsync(cancellationToken);

    /// <summary>Writes lines that stay; while the live table is shown, above it.</summary>
    public void Write(IEnumerable<string> lines)
    {
        foreach (var line in lines)
            _lines.Enqueue(line);
        // Only one thread may write while a live table is drawn: Spectre.Console takes its two locks in either order.
        if (!_drawing)
            WriteQueued();
    }

    private async Task DrawAsync(string address, CancellationToken cancellationToken)
    {
        _drawing = true;
        await console.Live(BoardText.Screen(board.Read(), address)).StartAsync(async live =>
        {
            bool more;
            do
            {
                more = await TickAsync(options.DrawEvery, cancellationToken);
                WriteQueued();
                live.UpdateTarget(BoardText.Screen(board.Read(), address));
            }
            while (more);
        });
        _drawing = false;
        WriteQueued();
    }

    private void WriteQueued()
    {
        var text = new StringBuilder();
        while (_lines.TryDequeue(out var line))
            text.Append(line).Append('\n');
        if (text.Length == 0)
            return;
        // As one piece, past the layout: it would break commands at the width, which of a pipe it takes for 80 characters. "\e[J" wipes the
        // table, which is then drawn anew below.
        if (_drawing)
            console.Write(new ControlCode("\e[J" + text));
        else
            console.Profile.Out.Writer.Write(text);
        console.Profile.Out.Writer.Flush();
    }

    private async Task WriteLinesAsync(CancellationToken cancellationToken)
    {
        while (await TickAsync(options.LineEvery, cancellationToken))
            Write([BoardText.Line(board.Read())]);
    }

    private async Task<bool> TickAsync(TimeSpan pause, CancellationToken cancellationToken)
    {
        await Task.Delay(pause, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return !cancellationToken.IsCancellationRequested;
    }
}
