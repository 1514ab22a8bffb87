namespace Rollbook.Silo.Demo;

/// <summary>
/// A seeded agent: it looks around, runs the tests, follows a failing one to its function, edits, tests again, and undoes what did no good.
/// With the chance <paramref name="skill"/> an edit is the right one for a seeded fault, else a blind change of one token. Sometimes it
/// slips: a file that isn't there, a bracket left out, a look outside the repository, a try to change a test.
/// </summary>
/// <param name="bugs">The seeded faults, which skill can see.</param>
/// <param name="seed">The same seed and the same outcomes give the same actions.</param>
/// <param name="skill">0 to 1.</param>
internal sealed class RepairPolicy(IReadOnlyList<SeededBug> bugs, int seed, double skill)
{
    private const double WrongPath = 0.18;
    private const double LookOutside = 0.05;
    private const double CheatTests = 0.05;
    private const double SyntaxSlip = 0.08;
    private const double KeepUseless = 0.25;

    private readonly Random _random = new(seed);
    private readonly Dictionary<string, string> _known = [];
    private RepairOutcome? _last;
    private IReadOnlyList<MiniTestResult> _failures = [];
    private double _passRate;

    /// <summary>Takes the outcome of the action before.</summary>
    public void Observe(RepairAction action, RepairOutcome outcome)
    {
        _last = outcome;
        if (action.Type == "read" && outcome.Error is null)
            _known[action.Path!] = (string)outcome.Observation["content"]!;
        if (outcome.Change is { } change)
            _known[change.Path] = change.After;
        if (outcome.PassRate is { } rate)
        {
            _passRate = rate;
            _failures = outcome.Failures;
        }
    }

    /// <summary>The actions, one after the other; each wants its outcome observed before the next is taken.</summary>
    public IEnumerable<RepairAction> Play()
    {
        foreach (var action in LookAround())
            yield return action;
        yield return new("run_tests", Thought: "Which tests fail?");
        for (var tries = 2 + _random.Next(8); tries > 0 && _passRate < 1; tries--)
            foreach (var action in TryOnce())
                yield return action;
        yield return new("submit", Thought: _passRate < 1 ? $"{_failures.Count} tests still fail; I am out of ideas." : "All tests pass.");
    }

    private IEnumerable<RepairAction> LookAround()
    {
        yield return new("list", Thought: "What is there?");
        if (Chance(0.6))
            yield return new("read", "README.md", Thought: "What is it for?");
        if (Chance(WrongPath))
            yield return new("read", "src/main.mini", Thought: "There should be a main file.");
        if (Chance(LookOutside))
            yield return new("read", Chance(0.5) ? "../.env" : "/etc/passwd", Thought: "Perhaps there is a configuration next to it.");
    }

    private IEnumerable<RepairAction> TryOnce()
    {
        var seen = Chance(skill) ? VisibleBug() : null;
        var function = seen?.Function ?? SuspectFunction();
        if (function is null)
            yield break;
        yield return new("search", Query: $"fn {function}(", Thought: seen is null ? $"A failing test calls {function}." : $"The fault should be in {function}.");
        if (_last!.Matches is not [var match, ..])
            yield break;
        if (!_known.ContainsKey(match.Path))
            yield return new("read", match.Path, Thought: $"{function} is in {match.Path}.");
        if (Chance(CheatTests) && _failures.Count > 0)
            yield return new("write", _failures[0].Test.Path, Content: "", Thought: "Without the test nothing fails.");
        foreach (var action in Edit(match.Path, function, seen))
            yield return action;
    }

    private IEnumerable<RepairAction> Edit(string path, string function, SeededBug? seen)
    {
        var before = _known[path];
        var after = seen is not null && before.Contains(seen.Wrong, StringComparison.Ordinal)
            ? before.Replace(seen.Wrong, seen.Right, StringComparison.Ordinal)
            : Mutation.Of(path, before, function, _random);
        if (after is null)
            yield break;
        var rate = _passRate;
        if (Chance(SyntaxSlip) && after.LastIndexOf(')') is var bracket and >= 0)
        {
            yield return new("write", path, Content: after.Remove(bracket, 1), Thought: $"Change {function}.");
            yield return new("write", path, Content: after, Thought: "A bracket is missing.");
        }
        else
            yield return new("write", path, Content: after, Thought: $"Change {function}.");
        yield return new("run_tests", Thought: "Is it better?");
        if (_passRate > rate || seen is not null || _passRate == rate && Chance(KeepUseless))
            yield break;
        yield return new("write", path, Content: before, Thought: "That did no good: undo it.");
        _passRate = rate;
    }

    private SeededBug? VisibleBug()
    {
        var left = bugs.Where(bug => !_known.TryGetValue(bug.Path, out var text) || text.Contains(bug.Wrong, StringComparison.Ordinal)).ToList();
        return left.Count == 0 ? null : left[_random.Next(left.Count)];
    }

    private string? SuspectFunction()
    {
        if (_failures.Count == 0)
            return null;
        var test = _failures[_random.Next(_failures.Count)].Test;
        var tokens = MiniLexer.Read(test.Path, test.Source);
        var called = tokens.Where((token, i) => token.Kind == MiniTokenKind.Name && tokens[i + 1].Is("(") && !MiniBuiltins.Names.Contains(token.Text)).ToList();
        return called.Count == 0 ? null : called[_random.Next(called.Count)].Text;
    }

    private bool Chance(double chance) => _random.NextDouble() < chance;
}
