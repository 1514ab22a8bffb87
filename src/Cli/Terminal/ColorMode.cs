namespace Rollbook.Cli;

/// <summary>When the program colours what it writes. Colours are always its own: those of an agent's text never reach the terminal.</summary>
internal enum ColorMode
{
    /// <summary>On a terminal, unless NO_COLOR is set.</summary>
    Auto,

    /// <summary>Always, also into a pipe.</summary>
    Always,

    /// <summary>Never.</summary>
    Never,
}
