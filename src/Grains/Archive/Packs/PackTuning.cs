namespace Rollbook.Archive;

/// <summary>How a file is laid out. The defaults were measured on the steps of <c>rollbook bench</c>.</summary>
internal sealed record PackTuning
{
    /// <summary>What files are written with.</summary>
    public static readonly PackTuning Default = new();

    /// <summary>The most rows of a row group.</summary>
    public int GroupRows { get; init; } = 4096;

    /// <summary>Bytes of steps after which a row group is full.</summary>
    public int GroupBytes { get; init; } = 16 << 20;

    /// <summary>zstd's level.</summary>
    public int Level { get; init; } = 1;

    /// <summary>Bytes of a page, before compression.</summary>
    public int PageBytes { get; init; } = 256 << 10;

    /// <summary>So many rows are written before the writer looks whether the page is full.</summary>
    public int BatchRows { get; init; } = 1024;

    /// <summary>Bytes of a column's dictionary, from which on its values are written plain.</summary>
    public int DictionaryBytes { get; init; } = 1 << 20;
}
