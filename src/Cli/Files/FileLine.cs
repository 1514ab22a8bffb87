namespace Rollbook.Cli;

/// <summary>A line of a file.</summary>
/// <param name="Number">From 1.</param>
/// <param name="Offset">Bytes before it.</param>
/// <param name="Bytes">Without its end; the caller's to keep.</param>
/// <param name="Ended">False for a last line without a line end: a write that was cut, or a file that a person made.</param>
internal readonly record struct FileLine(long Number, long Offset, ReadOnlyMemory<byte> Bytes, bool Ended)
{
    /// <summary>True where nothing but white space is in it.</summary>
    public bool IsBlank => Bytes.Span.IndexOfAnyExcept(" \t\r"u8) < 0;
}
