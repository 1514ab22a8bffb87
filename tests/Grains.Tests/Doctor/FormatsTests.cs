using Rollbook.Doctor;
using Rollbook.Grains.Tests.Golden;
using Xunit;

namespace Rollbook.Grains.Tests.Doctor;

/// <summary>Disks are full of each version that was ever written: there is a golden file of every one, which its codec's tests read.</summary>
public sealed class FormatsTests
{
    // What a format's golden files are named, but for their version.
    private static readonly Dictionary<string, string> Golden = new(StringComparer.Ordinal)
    {
        ["chunk"] = "chunk-v{0}.bin",
        ["frame"] = "frame-steps-v{0}.bin",
        ["index"] = "segment-index-v{0}.bin",
        ["pack"] = "steps-v{0}.parquet",
    };

    [Fact]
    public void All_OfEachVersionUpToTheNewest_HaveAGoldenFile()
    {
        Assert.Equal(Golden.Keys, Formats.All.Select(static format => format.Name));
        foreach (var (name, newest) in Formats.All)
            for (var version = 1; version <= newest + 1; version++)
                Assert.Equal(version <= newest, GoldenFile.Exists(string.Format(System.Globalization.CultureInfo.InvariantCulture, Golden[name], version)));
    }
}
