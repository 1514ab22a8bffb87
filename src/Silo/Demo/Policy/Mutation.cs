namespace Rollbook.Silo.Demo;

/// <summary>Small changes of a program, as someone makes who doesn't know the fault: another operator, a number one off, a name for another.</summary>
internal static class Mutation
{
    private static readonly Dictionary<string, string> Swaps = new()
    {
        ["<"] = "<=", ["<="] = "<", [">"] = ">=", [">="] = ">", ["=="] = "!=", ["!="] = "==", ["+"] = "-", ["-"] = "+", ["*"] = "/", ["/"] = "*",
        ["and"] = "or", ["or"] = "and", ["min"] = "max", ["max"] = "min", ["upper"] = "lower", ["lower"] = "upper", ["not"] = "",
    };

    /// <summary>Changes one token of a function.</summary>
    /// <param name="path">The file.</param>
    /// <param name="source">Its content.</param>
    /// <param name="function">The function to change.</param>
    /// <param name="random">Decides where and how.</param>
    /// <returns>The new content, or null where nothing can be changed.</returns>
    public static string? Of(string path, string source, string function, Random random)
    {
        List<MiniToken> tokens;
        try
        {
            tokens = MiniLexer.Read(path, source);
        }
        catch (MiniSyntaxException)
        {
            return null;
        }
        var places = Body(tokens, function).Where(token => Replacement(token, 0) is not null).ToList();
        if (places.Count == 0)
            return null;
        var place = places[random.Next(places.Count)];
        return source[..place.Start] + Replacement(place, random.Next(2)) + source[(place.Start + place.Length)..];
    }

    private static IEnumerable<MiniToken> Body(List<MiniToken> tokens, string function)
    {
        var name = tokens.FindIndex(token => token.Is(function));
        var start = name < 0 ? -1 : tokens.FindIndex(name, token => token.Is("="));
        return start < 0 ? [] : tokens.Skip(start + 1).TakeWhile(token => !token.Is("fn"));
    }

    private static string? Replacement(MiniToken token, int choice) => token.Kind switch
    {
        MiniTokenKind.Number when long.TryParse(token.Text, out var number) => (choice == 0 ? number + 1 : number - 1).ToString(),
        MiniTokenKind.Name or MiniTokenKind.Sign => Swaps.GetValueOrDefault(token.Text),
        _ => null,
    };
}
