namespace Rollbook.Testing;

/// <summary>What a process wrote so far, line by line, and a way to await a line.</summary>
internal sealed class OutputLines
{
    private readonly Lock gate = new();
    private readonly List<string> lines = [];
    private readonly List<(Func<string, bool> Wanted, TaskCompletionSource<string> Found)> waiting = [];
    private bool ended;
    private string? file;

    /// <summary>The end of it, for the message of a test that failed.</summary>
    public override string ToString()
    {
        lock (gate) return string.Join('\n', lines.TakeLast(40));
    }

    /// <summary>All lines so far.</summary>
    public IReadOnlyList<string> All()
    {
        lock (gate) return [.. lines];
    }

    /// <summary>Writes all lines into a file too, those so far and those to come.</summary>
    public void KeepIn(string path)
    {
        lock (gate)
        {
            file = path;
            File.WriteAllLines(path, lines);
        }
    }

    /// <summary>The first line, written already or to come, that is <paramref name="wanted"/>; null where the output ended without one.</summary>
    public async Task<string?> FindAsync(Func<string, bool> wanted)
    {
        TaskCompletionSource<string> found;
        lock (gate)
        {
            if (lines.Find(line => wanted(line)) is { } line) return line;
            if (ended) return null;
            found = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
            waiting.Add((wanted, found));
        }

        try
        {
            return await found.Task;
        }
        catch (EndOfStreamException)
        {
            return null;
        }
    }

    /// <summary>Reads to the end. To be called once per stream.</summary>
    public async Task ReadAsync(TextReader reader)
    {
        while (await reader.ReadLineAsync() is { } line) Add(line);
    }

    /// <summary>No more lines will come.</summary>
    public void End()
    {
        lock (gate)
        {
            ended = true;
            foreach (var (_, found) in waiting) found.TrySetException(new EndOfStreamException());
            waiting.Clear();
        }
    }

    private void Add(string line)
    {
        lock (gate)
        {
            lines.Add(line);
            if (file is not null) File.AppendAllText(file, line + '\n');
            foreach (var waiter in waiting.FindAll(waiter => waiter.Wanted(line)))
            {
                waiting.Remove(waiter);
                waiter.Found.TrySetResult(line);
            }
        }
    }
}
