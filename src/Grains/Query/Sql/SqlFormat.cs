namespace Rollbook.Query;

/// <summary>How an answer's rows are written.</summary>
internal enum SqlFormat
{
    /// <summary>JSON arrays of values with commas between.</summary>
    Json,

    /// <summary>A JSON object a line.</summary>
    JsonLines,

    /// <summary>Comma-separated values (RFC 4180) with a head line.</summary>
    Csv,
}
