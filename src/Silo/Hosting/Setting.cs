using System.Text.Json;

namespace Rollbook.Silo.Hosting;

/// <summary>One option's names.</summary>
/// <param name="Key">The property of <see cref="RollbookOptions"/>.</param>
/// <param name="Argument">On the command line.</param>
/// <param name="Value">What its value is called; null = a flag.</param>
/// <param name="Help">What it does.</param>
internal sealed record Setting(string Key, string Argument, string? Value, string Help)
{
    /// <summary>Whether it stands alone.</summary>
    public bool IsFlag => Value is null;

    /// <summary>In configuration.</summary>
    public string Path => $"{RollbookOptions.Section}:{Key}";

    /// <summary>In the environment.</summary>
    public string Variable => $"ROLLBOOK_{JsonNamingPolicy.SnakeCaseUpper.ConvertName(Key)}";

    /// <summary>All three names, for a message.</summary>
    public string Names => $"{Argument} ({Variable}, {Path})";
}
