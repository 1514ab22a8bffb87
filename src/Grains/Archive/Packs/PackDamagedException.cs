namespace Rollbook.Archive;

/// <summary>A file of the archive is not what was written: nothing of the part in question is served. Restore the file, or pack its chunks again while their log is there.</summary>
/// <param name="file">Its name.</param>
/// <param name="row">The row, from 0; null where it is not one row.</param>
/// <param name="what">What is wrong.</param>
/// <param name="inner">What said so.</param>
public sealed class PackDamagedException(string file, long? row, string what, Exception? inner = null)
    : IOException(row is { } number ? $"'{file}' is damaged at row {number}: {what}" : $"'{file}' is damaged: {what}", inner)
{
    /// <summary>The file's name.</summary>
    public string File => file;

    /// <summary>The row, from 0; null where it is not one row.</summary>
    public long? Row => row;
}
