using System.Text.Json.Nodes;

namespace Rollbook.Silo.Demo;

/// <summary>
/// The demo's code-repair environment: a small repository with seeded faults, whose tests are really run. The same actions give the same
/// outcomes, whatever the clock. Not thread-safe.
/// </summary>
internal sealed class RepairEnvironment
{
    /// <summary>The step after which an episode is over.</summary>
    public const int MaxSteps = 40;

    private const double StepCost = 0.01;

    private readonly RepairTask _task;
    private readonly Workspace _files;
    private double _passRate;
    private int _steps;

    /// <summary>Begins an episode.</summary>
    public RepairEnvironment(RepairTask task, int variant)
    {
        _task = task;
        _files = new Workspace(task.BrokenFiles(variant));
        _passRate = RunTests().PassRate ?? 0;
    }

    /// <summary>The share of tests that the files pass; it is the score of a submission.</summary>
    public double Score { get; private set; }

    /// <summary>Why the episode is over, or null while it isn't.</summary>
    public string? EndCause { get; private set; }

    /// <summary>The first thing that the agent sees.</summary>
    public JsonObject Begin() => new() { ["description"] = _task.Description, ["files"] = PathList(), ["max_steps"] = MaxSteps };

    /// <summary>Does one action.</summary>
    /// <exception cref="InvalidOperationException">The episode is over.</exception>
    public RepairOutcome Step(RepairAction action)
    {
        if (EndCause is not null)
            throw new InvalidOperationException($"The episode is over ({EndCause}).");
        var outcome = action.Type switch
        {
            "list" => new RepairOutcome { Observation = new JsonObject { ["files"] = PathList() } },
            "read" => Read(action.Path ?? ""),
            "search" => Search(action.Query ?? ""),
            "write" => Write(action.Path ?? "", action.Content ?? ""),
            "run_tests" => Rewarded(RunTests()),
            "submit" => Submit(),
            _ => Failed($"unknown action '{action.Type}'"),
        };
        if (++_steps >= MaxSteps && EndCause is null)
        {
            EndCause = "max_steps";
            Score = RunTests().PassRate ?? 0;
        }
        return outcome with { Reward = Math.Round(outcome.Reward - StepCost, 4), Done = EndCause is not null };
    }

    private RepairOutcome Read(string path)
    {
        if (!Workspace.IsInside(path))
            return Failed($"permission denied: {path}", "path_outside_repository");
        if (_files.Find(path) is not { } content)
            return Failed($"file not found: {path}");
        return new RepairOutcome { Observation = new JsonObject { ["path"] = path, ["content"] = content } };
    }

    private RepairOutcome Search(string text)
    {
        if (text.Length == 0)
            return Failed("nothing to search for");
        var matches = _files.Search(text);
        var rows = new JsonArray();
        foreach (var match in matches)
            rows.Add((JsonNode)new JsonObject { ["path"] = match.Path, ["line"] = match.Line, ["text"] = match.Text });
        return new RepairOutcome { Observation = new JsonObject { ["matches"] = rows }, Matches = matches };
    }

    private RepairOutcome Write(string path, string content)
    {
        if (!Workspace.IsInside(path))
            return Failed($"permission denied: {path}", "path_outside_repository");
        if (path.StartsWith("tests/", StringComparison.Ordinal))
            return Failed($"read-only: {path}", "write_to_tests");
        var change = _files.Write(path, content);
        var fault = SyntaxFault(path, content);
        return new RepairOutcome
        {
            Observation = new JsonObject { ["path"] = path, ["chars_changed"] = change.CharsChanged, ["syntax"] = fault ?? "ok" },
            Change = change,
            Error = fault,
        };
    }

    // As a compiler would: the file is written, and broken.
    private static string? SyntaxFault(string path, string content)
    {
        if (!path.EndsWith(".mini", StringComparison.Ordinal))
            return null;
        try
        {
            MiniParser.Parse(path, content);
            return null;
        }
        catch (MiniSyntaxException syntax)
        {
            return syntax.Message;
        }
    }

    private RepairOutcome Submit()
    {
        var run = RunTests();
        EndCause = "submitted";
        Score = run.PassRate ?? 0;
        return run with { Reward = Score };
    }

    // Progress since the last run is the reward.
    private RepairOutcome Rewarded(RepairOutcome run)
    {
        var gain = run.PassRate!.Value - _passRate;
        _passRate = run.PassRate.Value;
        return run with { Reward = gain };
    }

    private RepairOutcome RunTests()
    {
        IReadOnlyList<MiniTestResult> results;
        try
        {
            results = MiniProgram.Load(_files.Sources).RunTests();
        }
        catch (MiniSyntaxException syntax)
        {
            // Nothing runs while a file doesn't compile.
            return new RepairOutcome
            {
                Observation = new JsonObject { ["passed"] = 0, ["error"] = syntax.Message }, Error = syntax.Message, PassRate = 0,
            };
        }
        var failures = results.Where(result => !result.Passed).ToList();
        var rows = new JsonArray();
        foreach (var failure in failures)
            rows.Add((JsonNode)new JsonObject { ["test"] = failure.Test.Name, ["message"] = failure.Message });
        var passed = results.Count - failures.Count;
        return new RepairOutcome
        {
            Observation = new JsonObject { ["passed"] = passed, ["failed"] = failures.Count, ["failures"] = rows },
            PassRate = results.Count == 0 ? 0 : Math.Round((double)passed / results.Count, 4),
            Failures = failures,
        };
    }

    private JsonArray PathList() => [.. _files.Paths.Select(path => (JsonNode)path)];

    private static RepairOutcome Failed(string error, params string[] flags) => new()
    {
        Observation = new JsonObject { ["error"] = error }, Error = error, SecurityFlags = flags,
    };
}
