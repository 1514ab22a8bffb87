namespace Rollbook.Silo.Demo;

/// <summary>What a token of the demo's language is.</summary>
internal enum MiniTokenKind
{
    /// <summary>A whole number.</summary>
    Number,

    /// <summary>A text between double quotes.</summary>
    Text,

    /// <summary>A name or a keyword.</summary>
    Name,

    /// <summary>An operator or a bracket.</summary>
    Sign,

    /// <summary>The end of the file.</summary>
    End,
}

/// <summary>One token: its text (a <see cref="MiniTokenKind.Text"/> without quotes and escapes) and its place.</summary>
internal readonly record struct MiniToken(MiniTokenKind Kind, string Text, int Line, int Start, int Length)
{
    /// <summary>True for this operator, bracket or keyword.</summary>
    public bool Is(string text) => Kind is MiniTokenKind.Sign or MiniTokenKind.Name && Text == text;
}
