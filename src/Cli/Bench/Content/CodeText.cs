using System.Text;

namespace Rollbook.Cli;

/// <summary>Makes text like that of a coding agent's session: paths, code, test output, thoughts. ASCII; the same seed, the same text.</summary>
internal sealed class CodeText(Random random)
{
    private static readonly string[] Verbs = ["parse", "load", "merge", "resolve", "encode", "flush", "validate", "collect", "normalize", "schedule", "render", "split"];
    private static readonly string[] Nouns = ["token", "header", "config", "segment", "request", "schema", "cursor", "payload", "matrix", "index", "locale", "retry"];
    private static readonly string[] Folders = ["core", "utils", "io", "parser", "web", "storage", "models", "cli", "engine"];
    private static readonly string[] Types = ["ValueError", "TypeError", "KeyError", "IndexError", "RuntimeError", "UnicodeDecodeError"];

    public string Path() => $"/workspace/repo/src/{One(Folders)}/{One(Nouns)}_{One(Verbs)}.py";

    public string Command() => random.Next(3) switch
    {
        0 => $"python -m pytest -q tests/test_{One(Nouns)}.py -k {One(Verbs)}",
        1 => $"grep -rn \"def {One(Verbs)}_{One(Nouns)}\" src/{One(Folders)}",
        _ => $"sed -n {random.Next(1, 400)},{random.Next(400, 900)}p {Path()}",
    };

    public string Thought() =>
        $"The {One(Nouns)} test still fails because {One(Verbs)}_{One(Nouns)} returns before the {One(Nouns)} is checked; I will look at {One(Folders)} next.";

    /// <summary>A line of a test runner's output.</summary>
    public string TestLine() => random.Next(4) switch
    {
        0 => $"tests/test_{One(Nouns)}.py::test_{One(Verbs)}_{One(Nouns)} PASSED [{random.Next(1, 100)}%]\n",
        1 => $"tests/test_{One(Nouns)}.py::test_{One(Verbs)}_{One(Nouns)} FAILED [{random.Next(1, 100)}%]\n",
        2 => $"E   {One(Types)}: expected {random.Next(100)}, got \"{One(Nouns)}\"\n",
        _ => $"{Path()}:{random.Next(1, 900)}: in {One(Verbs)}_{One(Nouns)}\n",
    };

    /// <summary>A line of source code.</summary>
    public string CodeLine() => random.Next(6) switch
    {
        0 => $"def {One(Verbs)}_{One(Nouns)}(self, {One(Nouns)}, limit={random.Next(1, 512)}):\n",
        1 => $"    if {One(Nouns)} is None or len({One(Nouns)}) > {random.Next(2, 64)}:\n",
        2 => $"        raise {One(Types)}(f\"bad {One(Nouns)}: {{{One(Nouns)}!r}}\")\n",
        3 => $"    {One(Nouns)} = self.{One(Verbs)}_{One(Nouns)}({One(Nouns)}[{random.Next(16)}:])\n",
        4 => $"    for {One(Nouns)} in sorted(self._{One(Nouns)}s, key=lambda x: x.{One(Nouns)}):\n",
        _ => $"    return {{\"{One(Nouns)}\": {One(Nouns)}, \"count\": {random.Next(1000)}}}\n",
    };

    /// <summary>Cuts or lengthens a text so that it takes exactly so many bytes inside a JSON string.</summary>
    public static string Fit(string text, int bytes, Func<string> more)
    {
        var fitted = new StringBuilder(bytes);
        var left = bytes;
        var at = 0;
        while (left > 0)
        {
            if (at == text.Length)
            {
                text = more();
                at = 0;
            }

            // A line feed, a quote and a backslash are escaped by a second byte, for which there may be no room.
            var c = text[at++];
            var cost = c is '\n' or '"' or '\\' ? 2 : 1;
            if (cost > left)
                (c, cost) = ('.', 1);
            fitted.Append(c);
            left -= cost;
        }

        return fitted.ToString();
    }

    /// <summary>The same text with one line replaced, as an edit leaves it.</summary>
    public string Edit(string text)
    {
        var lines = text.Split('\n');
        lines[random.Next(lines.Length)] = CodeLine().TrimEnd('\n');
        return string.Join('\n', lines);
    }

    private string One(string[] words) => words[random.Next(words.Length)];
}
