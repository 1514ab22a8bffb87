namespace Rollbook.Archive;

/// <summary>An object in a listing.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Length">Its length in bytes.</param>
/// <param name="Changed">When it was last written.</param>
public sealed record ArchiveEntry(string Name, long Length, DateTimeOffset Changed);
