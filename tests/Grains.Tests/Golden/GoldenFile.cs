using Xunit;

namespace Rollbook.Grains.Tests.Golden;

/// <summary>
/// A format as it was written once. <c>ROLLBOOK_WRITE_GOLDEN</c> names the source folder in which a missing file is made; one that is there is never
/// changed, since disks are full of it.
/// </summary>
internal static class GoldenFile
{
    public static byte[] Read(string name) => File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Golden", name));

    public static bool Exists(string name) => File.Exists(Path.Combine(AppContext.BaseDirectory, "Golden", name));

    /// <summary>What is written today is what was written then, byte for byte.</summary>
    public static void AssertWritten(string name, ReadOnlySpan<byte> written)
    {
        if (Environment.GetEnvironmentVariable("ROLLBOOK_WRITE_GOLDEN") is { Length: > 0 } folder && !File.Exists(Path.Combine(folder, name)))
        {
            File.WriteAllBytes(Path.Combine(folder, name), written);
            return;
        }

        Assert.Equal(Convert.ToHexStringLower(Read(name)), Convert.ToHexStringLower(written));
    }
}
