namespace Rollbook.Archive;

/// <summary>How a number was written, as far as a column of numbers can tell it again.</summary>
internal enum NumberForm
{
    /// <summary>The shortest text that reads as this number, which has a point or an exponent, or is <c>"NaN"</c> and the like.</summary>
    Shortest,

    /// <summary>The same without a point: <c>1</c>.</summary>
    Whole,

    /// <summary>A whole number with a point, as Python writes it: <c>1.0</c>.</summary>
    Pointed,

    /// <summary>Any other text.</summary>
    Other,
}
