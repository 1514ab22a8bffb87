namespace Rollbook.Archive;

/// <summary>What a field's column holds.</summary>
internal enum StepFieldKind
{
    /// <summary>A decoded string.</summary>
    Text,

    /// <summary>JSON as it was received, without white space between the tokens.</summary>
    Json,

    /// <summary>An integer of 64 bits.</summary>
    Integer,

    /// <summary>A double.</summary>
    Number,

    /// <summary>True or false.</summary>
    Truth,

    /// <summary>A list of decoded strings.</summary>
    Texts,
}
