using System.Security.Cryptography;

namespace Rollbook.Cli;

/// <summary>Proves that a step is what was exported, byte for byte.</summary>
internal static class StepHash
{
    private const int Bytes = 16;

    /// <param name="hash">In hexadecimal digits; null = the file has none, and nothing is proved.</param>
    /// <param name="line">The canonical line.</param>
    /// <param name="place">Where it stands, for the message.</param>
    /// <exception cref="ImportException">It is something else.</exception>
    public static void Check(string? hash, ReadOnlySpan<byte> line, string place)
    {
        if (hash is null)
            return;
        if (!string.Equals(hash, Convert.ToHexStringLower(SHA256.HashData(line).AsSpan(0, Bytes)), StringComparison.OrdinalIgnoreCase))
        {
            throw new ImportException(
                $"{place} is not the step that was exported: its hash is another, so that it was changed or written anew by another program. "
                + "Export it again; or take the \"hash\" out of its steps to import it as it stands.");
        }
    }
}
