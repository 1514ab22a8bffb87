using System.Text.Json.Serialization.Metadata;

namespace Rollbook.Client;

/// <summary>A request whose items are answered one by one, and how its answers are read.</summary>
/// <param name="Path">The route.</param>
/// <param name="Items">The items, each one or more whole lines.</param>
/// <param name="Type">The answer's shape.</param>
/// <param name="IndexOf">The item that an answer means, given the items of the request; -1 for none.</param>
/// <param name="Place">The answer with its line counted as the caller counts, not within the request.</param>
/// <param name="IsUnknown">True where the item must be sent again.</param>
/// <param name="Unnamed">The answer for an item that never got one.</param>
internal sealed record HttpBatch<T>(
    string Path, IReadOnlyList<ReadOnlyMemory<byte>> Items, JsonTypeInfo<T> Type, Func<T, IReadOnlyList<int>, int> IndexOf,
    Func<T, int, IReadOnlyList<int>, T> Place, Func<T, bool> IsUnknown, Func<int, T> Unnamed)
    where T : class;
