using System.Text;

namespace Rollbook.Cli;

/// <summary>A line as it is typed: a cursor, a history, completion of names. It knows no terminal.</summary>
internal sealed class LineEditor(IReadOnlyList<string> history, IReadOnlyList<string> names)
{
    private readonly StringBuilder _text = new();
    private int _historyAt = history.Count;
    private string _typed = "";

    /// <summary>What is typed.</summary>
    public string Text => _text.ToString();

    /// <summary>The cursor's place in it.</summary>
    public int Cursor { get; private set; }

    /// <summary>Names that Tab could mean, after it could not choose.</summary>
    public IReadOnlyList<string> Choices { get; private set; } = [];

    /// <summary>Takes a key. True where the line is done.</summary>
    public bool Press(ConsoleKeyInfo key)
    {
        Choices = [];
        switch (key.Key)
        {
            case ConsoleKey.Enter: return true;
            case ConsoleKey.LeftArrow: Cursor = Math.Max(0, Cursor - 1); break;
            case ConsoleKey.RightArrow: Cursor = Math.Min(_text.Length, Cursor + 1); break;
            case ConsoleKey.Home: Cursor = 0; break;
            case ConsoleKey.End: Cursor = _text.Length; break;
            case ConsoleKey.A when key.Modifiers == ConsoleModifiers.Control: Cursor = 0; break;
            case ConsoleKey.E when key.Modifiers == ConsoleModifiers.Control: Cursor = _text.Length; break;
            case ConsoleKey.U when key.Modifiers == ConsoleModifiers.Control: Remove(0, Cursor); break;
            case ConsoleKey.Backspace when Cursor > 0: Remove(Cursor - 1, 1); break;
            case ConsoleKey.Delete when Cursor < _text.Length: Remove(Cursor, 1); break;
            case ConsoleKey.UpArrow: Recall(_historyAt - 1); break;
            case ConsoleKey.DownArrow: Recall(_historyAt + 1); break;
            case ConsoleKey.Tab: Complete(); break;
            default:
                if (!char.IsControl(key.KeyChar))
                    Insert(key.KeyChar.ToString());
                break;
        }

        return false;
    }

    private void Insert(string text)
    {
        _text.Insert(Cursor, text);
        Cursor += text.Length;
    }

    private void Remove(int from, int count)
    {
        _text.Remove(from, count);
        Cursor = from;
    }

    private void Recall(int at)
    {
        if (at < 0 || at > history.Count)
            return;
        // What was being typed comes back below the newest.
        if (_historyAt == history.Count)
            _typed = Text;
        _historyAt = at;
        _text.Clear().Append(at == history.Count ? _typed : history[at]);
        Cursor = _text.Length;
    }

    private void Complete()
    {
        var from = Cursor;
        while (from > 0 && (char.IsLetterOrDigit(_text[from - 1]) || _text[from - 1] == '_'))
            from--;
        var begun = _text.ToString(from, Cursor - from);
        if (begun.Length == 0)
            return;
        var found = names.Where(name => name.StartsWith(begun, StringComparison.OrdinalIgnoreCase)).ToList();
        if (found.Count == 0)
            return;
        var shared = found.Aggregate((a, b) => a[..a.Zip(b).TakeWhile(pair => char.ToUpperInvariant(pair.First) == char.ToUpperInvariant(pair.Second)).Count()]);
        if (shared.Length > begun.Length || found.Count == 1)
        {
            Remove(from, begun.Length);
            Insert(shared + (found.Count == 1 ? " " : ""));
        }
        else
        {
            Choices = found;
        }
    }
}
