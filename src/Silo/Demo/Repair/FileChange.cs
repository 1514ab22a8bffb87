namespace Rollbook.Silo.Demo;

/// <summary>What a write did to a file.</summary>
/// <param name="Path">The file.</param>
/// <param name="Before">Its whole content before; null where it was created.</param>
/// <param name="After">Its whole content after.</param>
/// <param name="CharsChanged">Characters removed and added between the common beginning and the common end.</param>
internal sealed record FileChange(string Path, string? Before, string After, int CharsChanged)
{
    /// <summary>Compares both contents.</summary>
    public static FileChange Between(string path, string? before, string after)
    {
        var old = before ?? "";
        var shorter = Math.Min(old.Length, after.Length);
        var head = 0;
        while (head < shorter && old[head] == after[head])
            head++;
        var tail = 0;
        while (tail < shorter - head && old[^(tail + 1)] == after[^(tail + 1)])
            tail++;
        return new FileChange(path, before, after, old.Length + after.Length - 2 * (head + tail));
    }
}
