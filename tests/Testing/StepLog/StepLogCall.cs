namespace Rollbook.Testing;

/// <summary>The calls of a log device that a <see cref="FaultyStepLogStorage"/> can let fail.</summary>
public enum StepLogCall
{
    /// <summary>ReserveAsync.</summary>
    Reserve,

    /// <summary>AppendAsync.</summary>
    Append,

    /// <summary>FenceAsync.</summary>
    Fence,

    /// <summary>One step of ReadAsync.</summary>
    Read,

    /// <summary>ReadRangeAsync.</summary>
    ReadRange,

    /// <summary>TrimAsync.</summary>
    Trim,
}
