namespace Rollbook.Archive;

/// <summary>How a column's values are laid out before they are compressed. A choice by measurement: any reader reads all of them.</summary>
internal enum PackEncoding
{
    /// <summary>Each different value once per row group, and numbers that name them; plain where there are too many.</summary>
    Dictionary,

    /// <summary>One after the other.</summary>
    Plain,

    /// <summary>Whole numbers by their differences.</summary>
    Delta,

    /// <summary>Texts by their lengths, then their bytes.</summary>
    DeltaLength,

    /// <summary>The first bytes of all values, then the second ones, and so on.</summary>
    Split,

    /// <summary>As <see cref="Plain"/>, and not compressed: bytes in which there is nothing to find.</summary>
    Raw,
}
