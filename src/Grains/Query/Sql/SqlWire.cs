using System.Text.Json;

namespace Rollbook.Query;

/// <summary>The small JSON payloads between a worker and its parent.</summary>
internal static class SqlWire
{
    /// <summary>The end of an answer.</summary>
    /// <param name="Rows">How many rows.</param>
    /// <param name="Truncated">There were more.</param>
    public sealed record Done(long Rows, bool Truncated);

    /// <summary>Why there is none.</summary>
    public sealed record Refused(SqlRefusal Refusal, string Message, int? Line, int? Column);

    /// <summary>As bytes.</summary>
    public static byte[] Write<T>(T value) => JsonSerializer.SerializeToUtf8Bytes(value);

    /// <summary>From bytes.</summary>
    /// <exception cref="InvalidDataException">They are not.</exception>
    public static T Read<T>(byte[] payload)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(payload) ?? throw new InvalidDataException("A query's worker wrote null.");
        }
        catch (JsonException error)
        {
            throw new InvalidDataException("A query's worker wrote what can't be read.", error);
        }
    }
}
