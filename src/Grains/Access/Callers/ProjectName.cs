using System.Buffers;

namespace Rollbook.Access;

/// <summary>What a project of a credential may be called: it stands in paths, grain keys and file names.</summary>
internal static class ProjectName
{
    /// <summary>The name that a credential of all projects has. Its data calls act in <see cref="EpisodeKey.DefaultProject"/>.</summary>
    public const string All = "*";

    /// <summary>The rule, the end of a sentence.</summary>
    public const string Rule = "must be 1 to 63 characters of a-z 0-9 and -, and begin with a letter or digit";

    private const int MaxLength = 63;

    private static readonly SearchValues<char> Allowed = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-");

    /// <summary>Whether a text is a project's name.</summary>
    public static bool IsValid(string text) =>
        text.Length is > 0 and <= MaxLength && text[0] != '-' && !text.AsSpan().ContainsAnyExcept(Allowed);
}
