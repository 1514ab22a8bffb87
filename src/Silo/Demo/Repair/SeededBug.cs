namespace Rollbook.Silo.Demo;

/// <summary>A fault to put into a right file: <paramref name="Right"/> stands in it once and becomes <paramref name="Wrong"/>.</summary>
/// <param name="Path">The file.</param>
/// <param name="Function">The function that it lies in.</param>
/// <param name="Right">The text of the right file.</param>
/// <param name="Wrong">What an episode begins with.</param>
internal sealed record SeededBug(string Path, string Function, string Right, string Wrong);
