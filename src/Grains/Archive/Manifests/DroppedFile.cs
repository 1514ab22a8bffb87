namespace Rollbook.Archive;

/// <summary>A file that counts no more, and that a query which began before may still read.</summary>
/// <param name="Name">Its name in the store.</param>
/// <param name="At">Since when, Unix milliseconds.</param>
public sealed record DroppedFile(string Name, long At);
