using System.Text;
using Spectre.Console;

namespace Rollbook.Silo.Tests.Demo;

/// <summary>An output that keeps what is written, a terminal of 120 by 50 or a pipe.</summary>
internal sealed class TestOutput(bool isTerminal) : IAnsiConsoleOutput
{
    private readonly Recording _writer = new();

    public TextWriter Writer => _writer;

    public bool IsTerminal => isTerminal;

    public int Width => isTerminal ? 120 : 80;

    public int Height => isTerminal ? 50 : 24;

    public string Text => _writer.ToString();

    public void SetEncoding(Encoding encoding)
    {
    }

    /// <summary>Comes when the output has this text.</summary>
    public async Task WaitForAsync(string text, CancellationToken gaveUp)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(gaveUp);
        limit.CancelAfter(TimeSpan.FromSeconds(60));
        try
        {
            await _writer.WaitForAsync(text).WaitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"Waited for \"{text}\" in:\n{Text}");
        }
    }

    private sealed class Recording : TextWriter
    {
        private readonly Lock _lock = new();
        private readonly StringBuilder _text = new();
        private readonly List<(string Text, TaskCompletionSource Seen)> _awaited = [];

        public override Encoding Encoding => Encoding.UTF8;

        public override void Write(char value) => Write(value.ToString());

        public override void Write(string? value)
        {
            lock (_lock)
            {
                _text.Append(value);
                if (_awaited.Count == 0)
                    return;
                var all = _text.ToString();
                foreach (var (_, seen) in _awaited.Where(each => all.Contains(each.Text, StringComparison.Ordinal)))
                    seen.TrySetResult();
                _awaited.RemoveAll(each => each.Seen.Task.IsCompleted);
            }
        }

        public override string ToString()
        {
            lock (_lock)
                return _text.ToString();
        }

        public Task WaitForAsync(string text)
        {
            var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            lock (_lock)
            {
                if (_text.ToString().Contains(text, StringComparison.Ordinal))
                    return Task.CompletedTask;
                _awaited.Add((text, seen));
            }
            return seen.Task;
        }
    }
}
