namespace Rollbook.Testing;

/// <summary>An archive in a hurry: packs each second, and compacts what is two seconds old.</summary>
internal static class ArchiveSettings
{
    public static readonly IReadOnlyDictionary<string, string> Hurried = new Dictionary<string, string>
    {
        ["Rollbook__Archive__PackSeconds"] = "1",
        ["Rollbook__Archive__CompactSeconds"] = "2",
    };
}
