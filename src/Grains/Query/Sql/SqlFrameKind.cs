namespace Rollbook.Query;

/// <summary>The kinds of what a worker says.</summary>
internal enum SqlFrameKind : byte
{
    /// <summary>The columns: once, before any row.</summary>
    Columns = (byte)'c',

    /// <summary>A run of rows, in the answer's format.</summary>
    Rows = (byte)'r',

    /// <summary>There is no answer, or no rest of it: the last frame.</summary>
    Refused = (byte)'e',

    /// <summary>The answer is whole, or cut at a limit: the last frame.</summary>
    Done = (byte)'d',
}
