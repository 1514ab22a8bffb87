using System.Text;

namespace Rollbook.Silo.Demo;

/// <summary>Cuts a source file of the demo's language into tokens. <c>#</c> starts a comment; line ends mean nothing.</summary>
internal static class MiniLexer
{
    // Longest first.
    private static readonly string[] Signs = ["==", "!=", "<=", ">=", "<", ">", "+", "-", "*", "/", "%", "(", ")", ",", "="];

    /// <summary>Reads all tokens, the last of which is <see cref="MiniTokenKind.End"/>.</summary>
    /// <exception cref="MiniSyntaxException">A character that no token begins with, or a text without its end.</exception>
    public static List<MiniToken> Read(string path, string source)
    {
        var tokens = new List<MiniToken>();
        var line = 1;
        for (var at = 0; at < source.Length;)
        {
            var c = source[at];
            if (c == '\n')
                line++;
            if (char.IsWhiteSpace(c))
                at++;
            else if (c == '#')
                at = EndOfLine(source, at);
            else
            {
                var token = ReadOne(path, source, at, line);
                tokens.Add(token);
                at += token.Length;
            }
        }
        tokens.Add(new MiniToken(MiniTokenKind.End, "end of file", line, source.Length, 0));
        return tokens;
    }

    private static MiniToken ReadOne(string path, string source, int at, int line)
    {
        var c = source[at];
        if (char.IsAsciiDigit(c))
            return Run(MiniTokenKind.Number, source, at, line, char.IsAsciiDigit);
        if (char.IsAsciiLetter(c) || c == '_')
            return Run(MiniTokenKind.Name, source, at, line, x => char.IsAsciiLetterOrDigit(x) || x == '_');
        if (c == '"')
            return ReadText(path, source, at, line);
        foreach (var sign in Signs)
            if (string.CompareOrdinal(source, at, sign, 0, sign.Length) == 0)
                return new MiniToken(MiniTokenKind.Sign, sign, line, at, sign.Length);
        throw new MiniSyntaxException(path, line, $"unexpected '{c}'");
    }

    private static MiniToken Run(MiniTokenKind kind, string source, int at, int line, Func<char, bool> belongs)
    {
        var end = at + 1;
        while (end < source.Length && belongs(source[end]))
            end++;
        return new MiniToken(kind, source[at..end], line, at, end - at);
    }

    private static MiniToken ReadText(string path, string source, int at, int line)
    {
        var text = new StringBuilder();
        for (var i = at + 1; i < source.Length && source[i] != '\n'; i++)
        {
            if (source[i] == '"')
                return new MiniToken(MiniTokenKind.Text, text.ToString(), line, at, i + 1 - at);
            if (source[i] == '\\' && i + 1 < source.Length && source[i + 1] is '"' or '\\')
                i++;
            text.Append(source[i]);
        }
        throw new MiniSyntaxException(path, line, "a text without its closing '\"'");
    }

    private static int EndOfLine(string source, int at)
    {
        var end = source.IndexOf('\n', at);
        return end < 0 ? source.Length : end;
    }
}
