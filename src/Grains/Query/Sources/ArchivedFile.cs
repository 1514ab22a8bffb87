namespace Rollbook.Query;

/// <summary>One immutable Parquet file of the archive.</summary>
/// <param name="Name">Its name in the archive. Two files with one name have the same bytes.</param>
/// <param name="Path">Where it can be read on this machine.</param>
/// <param name="Sealed">
/// Of a day folder: each of its episodes and steps is whole and stands in no other sealed file. Otherwise a pack, whose rows also carry <c>term</c>, <c>log</c>,
/// <c>chunk</c> and <c>place</c>.
/// </param>
public readonly record struct ArchivedFile(string Name, string Path, bool Sealed);
