using System.Text;

namespace Rollbook.Testing;

/// <summary>Random JSON texts as clients in many languages might write them: odd numbers, escapes, duplicate keys, white space.</summary>
public sealed class RandomJson(int seed)
{
    private static readonly string[] Numbers =
        ["0", "-0", "-0.0", "1", "42", "1.0", "0.10", "1E+2", "1e-7", "1e400", "-1e400", "123456789012345678901234567890", "0.1234567890123456789", "9007199254740993"];

    private static readonly string[] Texts =
        ["", "a", "é", "\\u00e9", "\\n", "\\\"", "\\\\", "\\/", "/", "\\ud83d\\ude00", "😀", "\\u0000", " ", "{", "]", ",", ":", "__proto__", "\\\\u", "‮", "~0"];

    private readonly Random random = new(seed);

    public string Space() => random.Next(4) == 0 ? " \t"[..random.Next(3)] : "";

    public string Text() => '"' + string.Concat(Enumerable.Range(0, random.Next(4)).Select(_ => Pick(Texts))) + '"';

    public string Number() => Pick(Numbers);

    public string Value(int depth = 3) => random.Next(depth > 0 ? 8 : 5) switch
    {
        0 => Number(),
        1 => Text(),
        2 => "true",
        3 => "false",
        4 => "null",
        5 or 6 => Object(depth),
        _ => $"[{Space()}{string.Join($"{Space()},{Space()}", Enumerable.Range(0, random.Next(4)).Select(_ => Value(depth - 1)))}{Space()}]",
    };

    public string Object(int depth) =>
        Members(Enumerable.Range(0, random.Next(4)).Select(_ => (Text(), Value(depth - 1))));

    /// <summary>A valid step: some known fields in any order, some unknown ones, each once.</summary>
    public List<(string Name, string Value)> Step()
    {
        var members = new List<(string, string)>
        {
            ("step_number", $"{random.Next(100)}"), ("timestamp", Finite()), ("action_type", Text()), ("action_path", Text()),
            ("action_query", Text()), ("action_content_length", "17"), ("action_content", Text()), ("observation_snapshot", Value(4)),
            ("reward", Finite()), ("cumulative_reward", "\"-Infinity\""), ("done", Pick(["true", "false"])), ("error", Text()),
            ("file_diff", Object(2)), ("test_pass_rate", Finite()), ("duration_ms", Finite()),
            ("security_flags", $"[{Space()}{Text()}{Space()},{Text()}]"), ("thought", Text()), ("response", Text()), ("agent_id", Text()),
            ("extra", Object(3)),
        };
        members.RemoveAll(m => m.Item1 != "action_type" && random.Next(3) == 0);
        for (var i = random.Next(3); i > 0; i--) members.Add(($"x{i}\\u00e9", Value(2)));
        for (var i = 0; i < members.Count; i++)
        {
            if (members[i].Item1 != "action_type" && random.Next(8) == 0) members[i] = (members[i].Item1, "null");
            var j = random.Next(members.Count);
            (members[i], members[j]) = (members[j], members[i]);
        }

        return members;
    }

    public string Members(IEnumerable<(string Name, string Value)> members) =>
        $"{{{Space()}{string.Join($"{Space()},{Space()}", members.Select(m => $"{Quoted(m.Name)}{Space()}:{Space()}{m.Value}"))}{Space()}}}";

    /// <summary>White space outside strings removed, character by character: the slow way, as an oracle.</summary>
    public static string Compact(string json)
    {
        var text = new StringBuilder();
        var inString = false;
        for (var i = 0; i < json.Length; i++)
        {
            if (!inString && (json[i] is ' ' or '\t')) continue;
            text.Append(json[i]);
            if (inString && json[i] == '\\') text.Append(json[++i]);
            else if (json[i] == '"') inString = !inString;
        }

        return text.ToString();
    }

    private static string Quoted(string name) => name.StartsWith('"') ? name : $"\"{name}\"";

    private string Finite() => Pick(["0", "-0.0", "1", "1.5", "0.10", "1E+2", "1e-7", "0.1234567890123456789"]);

    private T Pick<T>(T[] from) => from[random.Next(from.Length)];
}
