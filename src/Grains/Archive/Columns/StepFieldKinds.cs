namespace Rollbook.Archive;

/// <summary>The columns of a step's fields.</summary>
internal static class StepFieldKinds
{
    /// <summary>What the column of each field holds, indexed by <see cref="StepField"/>.</summary>
    public static readonly StepFieldKind[] All =
    [
        StepFieldKind.Integer, StepFieldKind.Number, StepFieldKind.Text, StepFieldKind.Text, StepFieldKind.Text, StepFieldKind.Integer, StepFieldKind.Text,
        StepFieldKind.Json, StepFieldKind.Number, StepFieldKind.Number, StepFieldKind.Truth, StepFieldKind.Text, StepFieldKind.Json, StepFieldKind.Number,
        StepFieldKind.Number, StepFieldKind.Texts, StepFieldKind.Text, StepFieldKind.Text, StepFieldKind.Text, StepFieldKind.Json,
    ];

    /// <summary>The column's name: the field's on the wire, but for the observation, which is no snapshot once it is recorded.</summary>
    public static string Column(StepField field) => field == StepField.Observation ? "observation" : StepFieldNames.All[(int)field];
}
