namespace Rollbook.Cli;

/// <summary>Counts the rows of comma-separated values as their text comes by: a line end within quotes ends no row.</summary>
internal sealed class CsvRows
{
    private bool _isQuoted;
    private long _lines;

    /// <summary>Rows so far, without the head.</summary>
    public long Count => Math.Max(0, _lines - 1);

    /// <summary>More of the text.</summary>
    public void Add(ReadOnlySpan<char> text)
    {
        foreach (var letter in text)
        {
            // A quote within quotes is doubled, which comes to the same.
            if (letter == '"')
                _isQuoted = !_isQuoted;
            else if (letter == '\n' && !_isQuoted)
                _lines++;
        }
    }
}
