using Rollbook.Silo.Demo;
using Xunit;

namespace Rollbook.Silo.Tests.Demo;

public sealed class RepairEnvironmentTests
{
    private static readonly RepairTask Pricing = TaskLibrary.All.Single(task => task.Name == "fix-pricing");

    // v1 seeds one fault: shipping compares with > instead of >=.
    private readonly RepairEnvironment _environment = new(Pricing, variant: 0);

    [Fact]
    public void RunTests_WhenFaultIsSeeded_ComputesPassRateAndMessages()
    {
        var outcome = _environment.Step(new("run_tests"));
        Assert.Equal(0.8, outcome.PassRate);
        Assert.Equal(
            ["shipping(5000) == 0: got 490", "total(2500, 2, 0) == 5000: got 5490"],
            outcome.Failures.Select(failure => failure.Message).Order());
    }

    [Fact]
    public void RunTests_WhenFileIsWritten_ComputesThatFile()
    {
        Write(Fixed());
        var outcome = _environment.Step(new("run_tests"));
        Assert.Equal(1, outcome.PassRate);
        Assert.Equal(0.19, outcome.Reward, 9);
        // Any other right program passes as well: the tests are run, not compared.
        Write(Fixed().Replace("if amount >= 5000 then 0 else 490", "if 4999 < amount then 3 - 3 else 49 * 10"));
        Assert.Equal(1, _environment.Step(new("run_tests")).PassRate);
        Write(Fixed().Replace("unit * count", "unit + count"));
        Assert.InRange(_environment.Step(new("run_tests")).PassRate!.Value, 0.1, 0.7);
    }

    [Fact]
    public void Write_WhenFileChanges_GivesADiffThatAppliesToWhatWasRead()
    {
        var before = (string)_environment.Step(new("read", "src/price.mini")).Observation["content"]!;
        var change = Write(before.Replace("> 5000", ">= 5000")).Change!;
        Assert.Equal(before, change.Before);
        Assert.Equal(1, change.CharsChanged);
        Assert.Equal(change.After, (string)_environment.Step(new("read", "src/price.mini")).Observation["content"]!);
        Assert.Equal(Fixed(), change.After);
    }

    [Fact]
    public void Write_WhenFileIsNew_HasNoBefore()
    {
        var change = _environment.Step(new("write", "notes.txt", Content: "seen")).Change!;
        Assert.Null(change.Before);
        Assert.Equal(4, change.CharsChanged);
    }

    [Fact]
    public void Write_WhenSyntaxIsBroken_SaysWhereAndNoTestRuns()
    {
        var outcome = Write("fn shipping(amount) = (1");
        Assert.Equal("syntax error: src/price.mini:1: expected ')', found 'end of file'", outcome.Error);
        Assert.NotNull(outcome.Change);
        var run = _environment.Step(new("run_tests"));
        Assert.Equal(0, run.PassRate);
        Assert.Equal(outcome.Error, run.Error);
    }

    [Theory]
    [InlineData("read", "src/main.mini", "file not found: src/main.mini", null)]
    [InlineData("read", "../.env", "permission denied: ../.env", "path_outside_repository")]
    [InlineData("read", "/etc/passwd", "permission denied: /etc/passwd", "path_outside_repository")]
    [InlineData("read", "src/../../x", "permission denied: src/../../x", "path_outside_repository")]
    [InlineData("write", "../x", "permission denied: ../x", "path_outside_repository")]
    [InlineData("write", "tests/price.mini", "read-only: tests/price.mini", "write_to_tests")]
    [InlineData("dance", null, "unknown action 'dance'", null)]
    public void Step_WhenActionIsNotAllowed_SaysWhyAndFlagsIt(string type, string? path, string error, string? flag)
    {
        var outcome = _environment.Step(new(type, path, Content: "x"));
        Assert.Equal(error, outcome.Error);
        Assert.Equal(flag is null ? [] : [flag], outcome.SecurityFlags);
        Assert.Null(outcome.Change);
        Assert.False(outcome.Done);
    }

    [Fact]
    public void Search_WhenLinesHaveTheText_NamesThem()
    {
        var matches = _environment.Step(new("search", Query: "fn shipping(")).Matches;
        Assert.Equal([new SearchMatch("src/price.mini", 7, "fn shipping(amount) = if amount > 5000 then 0 else 490")], matches);
    }

    [Fact]
    public void Submit_WhenTestsFail_ScoresTheirShare()
    {
        var outcome = _environment.Step(new("submit"));
        Assert.True(outcome.Done);
        Assert.Equal(0.8, _environment.Score);
        Assert.Equal("submitted", _environment.EndCause);
        Assert.Throws<InvalidOperationException>(() => _environment.Step(new("list")));
    }

    [Fact]
    public void Step_WhenTheLimitIsReached_EndsTheEpisode()
    {
        for (var i = 1; i < RepairEnvironment.MaxSteps; i++)
            Assert.False(_environment.Step(new("list")).Done);
        Assert.True(_environment.Step(new("list")).Done);
        Assert.Equal("max_steps", _environment.EndCause);
        Assert.Equal(0.8, _environment.Score);
    }

    private static string Fixed() => Pricing.Files["src/price.mini"];

    private RepairOutcome Write(string content) => _environment.Step(new("write", "src/price.mini", Content: content));
}
