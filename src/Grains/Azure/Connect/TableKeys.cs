namespace Rollbook.Azure;

/// <summary>Partition and row keys (https://learn.microsoft.com/rest/api/storageservices/understanding-the-table-service-data-model).</summary>
internal static class TableKeys
{
    private const int MaxLength = 1024;

    /// <summary>The key as Orleans' own providers write it: <c>/ \ # ?</c> become <c>_</c>.</summary>
    /// <exception cref="ArgumentException">1,024 characters or more.</exception>
    public static string Sanitize(string key)
    {
        var clean = string.Create(key.Length, key, static (place, key) =>
        {
            for (var i = 0; i < place.Length; i++) place[i] = key[i] is '/' or '\\' or '#' or '?' ? '_' : key[i];
        });
        return clean.Length < MaxLength
            ? clean
            : throw new ArgumentException($"The key '{clean[..32]}…' has {clean.Length} characters; a key of a table has less than {MaxLength}.", nameof(key));
    }
}
