namespace Rollbook.Silo.Demo;

/// <summary>All files of a repository together: they share one room of names.</summary>
internal sealed class MiniProgram
{
    private MiniProgram(IReadOnlyDictionary<string, MiniFunction> functions, IReadOnlyList<MiniTest> tests)
    {
        Functions = functions;
        Tests = tests;
    }

    /// <summary>The functions by name.</summary>
    public IReadOnlyDictionary<string, MiniFunction> Functions { get; }

    /// <summary>The tests in the order of their files' paths and lines.</summary>
    public IReadOnlyList<MiniTest> Tests { get; }

    /// <summary>Parses the files.</summary>
    /// <param name="files">Path and content.</param>
    /// <exception cref="MiniSyntaxException">A file isn't a program, or defines a function that another one has.</exception>
    public static MiniProgram Load(IEnumerable<KeyValuePair<string, string>> files)
    {
        var functions = new Dictionary<string, MiniFunction>();
        var tests = new List<MiniTest>();
        foreach (var (path, source) in files.OrderBy(file => file.Key, StringComparer.Ordinal))
        {
            var file = MiniParser.Parse(path, source);
            tests.AddRange(file.Tests);
            foreach (var function in file.Functions)
                if (!functions.TryAdd(function.Name, function))
                    throw new MiniSyntaxException(path, function.Line, $"a second function '{function.Name}'");
        }
        return new MiniProgram(functions, tests);
    }

    /// <summary>Runs every test, each with fuel of its own.</summary>
    public IReadOnlyList<MiniTestResult> RunTests() => [.. Tests.Select(Run)];

    private MiniTestResult Run(MiniTest test)
    {
        var interpreter = new MiniInterpreter(this);
        try
        {
            // Of a comparison the report says what came, as test runners do.
            if (test.Check is MiniExpression.Binary { Sign: "==" } equality)
            {
                var got = interpreter.Evaluate(equality.Left);
                var expected = interpreter.Evaluate(equality.Right);
                return got.Equals(expected)
                    ? new MiniTestResult(test, true, null)
                    : new MiniTestResult(test, false, $"{test.Source}: got {MiniInterpreter.Show(got)}");
            }
            return interpreter.Evaluate(test.Check) is true
                ? new MiniTestResult(test, true, null)
                : new MiniTestResult(test, false, $"{test.Source}: got false");
        }
        catch (MiniException fault)
        {
            return new MiniTestResult(test, false, $"{test.Source}: {fault.Message}");
        }
    }
}

/// <summary>How a test went; <paramref name="Message"/> says what came instead where it failed.</summary>
internal sealed record MiniTestResult(MiniTest Test, bool Passed, string? Message);
