namespace Rollbook.Testing;

/// <summary>A state for the suites of grain storage, equal by value.</summary>
[GenerateSerializer, Alias("rollbook.testing.GrainStorageState")]
public sealed record GrainStorageState
{
    /// <summary>A text.</summary>
    [Id(0)]
    public string? Text { get; set; }

    /// <summary>A number.</summary>
    [Id(1)]
    public long Number { get; set; }
}
