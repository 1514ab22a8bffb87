using Xunit;

namespace Rollbook.Model.Tests;

/// <summary>The slow tier: the same models with bigger bounds, where <c>ROLLBOOK_MODEL_BOUNDS=large</c>.</summary>
internal static class SlowTier
{
    /// <summary>The bounds that always run, and those that run when they are asked for.</summary>
    public static TheoryData<T> Of<T>(T[] always, T[] large) =>
        [.. always, .. Environment.GetEnvironmentVariable("ROLLBOOK_MODEL_BOUNDS") == "large" ? large : []];
}
