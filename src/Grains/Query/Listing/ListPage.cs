namespace Rollbook.Query;

/// <summary>A page of a list.</summary>
/// <param name="Items">The rows.</param>
/// <param name="Next">Where the next page begins; null = this is the last one.</param>
/// <param name="AsOf">When the newest pack was made, Unix seconds; null = there is none.</param>
/// <param name="Missing">Names of the logs that did not answer.</param>
internal sealed record ListPage<T>(IReadOnlyList<T> Items, string? Next, double? AsOf, IReadOnlyList<string> Missing);
