using System.Text.Json;

namespace Rollbook.Client;

/// <summary>
/// Requests are written as the body that goes over HTTP, and read as the recorder's edge reads it: the same rules, and the same content to compare by, so that a
/// repeat over the other way is the same event.
/// </summary>
internal static class EdgeBodies
{
    /// <summary>The most bytes of a body that is no step, as over HTTP.</summary>
    private const int MaxBytes = 1024 * 1024;

    /// <summary>Reads a body as the edge does.</summary>
    public delegate T Reader<out T>(ReadOnlySpan<byte> body);

    /// <summary>The request that a body stands for.</summary>
    /// <param name="what">What is sent, the beginning of a sentence.</param>
    /// <param name="write">Writes the body.</param>
    /// <param name="read">Reads it.</param>
    /// <exception cref="BadStepException">It is not what it should be; nothing was sent.</exception>
    public static T Read<T>(string what, Func<byte[]> write, Reader<T> read)
    {
        try
        {
            var body = write();
            return body.Length <= MaxBytes
                ? read(body)
                : throw BadStepException.TooLarge($"{what} has 1 MiB at most; this one has {body.Length:N0} bytes. Large values belong into a step.");
        }
        catch (BadJsonException error)
        {
            throw new BadStepException(error.Message, error.Pointer, error.Line, error);
        }
        catch (TooLargeException error)
        {
            throw BadStepException.TooLarge(error.Message);
        }
        catch (Exception error) when (error is JsonException or ArgumentException)
        {
            // The writer met a raw value, such as the metadata, that is not one JSON value.
            throw new BadStepException($"{what} holds a value that is not JSON: {error.Message}", "", null, error);
        }
    }
}
