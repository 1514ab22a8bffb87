using System.Diagnostics;
using Xunit;

namespace Rollbook.Cli.Tests.Completion;

/// <summary>The scripts in their real shells, asking the real program.</summary>
public sealed class CompletionCommandTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("rollbook ", "completion doctor export import label repair replay-actions score show tail verify")]
    [InlineData("rollbook s", "score show sql stats")]
    [InlineData("rollbook export x --format ", "atif jsonl parquet reference sts traj")]
    [InlineData("rollbook export x --format j", "jsonl")]
    [InlineData("rollbook tail x --color ", "always auto never")]
    [InlineData("rollbook label x --a", "--add --api-key")]
    [InlineData("rollbook show ", "")]
    public async Task Bash_WhenALineIsBegun_OffersWhatMayFollow(string line, string expected)
    {
        Assert.SkipUnless(File.Exists("/bin/bash"), "bash is not installed");
        var offered = await RunAsync("/bin/bash", "-c", $$"""
            source <(rollbook completion bash)
            COMP_LINE='{{line}}' COMP_POINT={{line.Length}} COMP_WORDS=(rollbook) COMP_CWORD=0
            _rollbook
            echo "${COMPREPLY[*]}"
            """);

        // Commands of later releases don't break this: those that are named must be among them.
        var words = offered.Trim().Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (line == "rollbook ")
            Assert.Superset(expected.Split(' ').ToHashSet(), words.ToHashSet());
        else
            Assert.Equal(expected, string.Join(' ', words.Order(StringComparer.Ordinal)));
    }

    [Fact]
    public async Task Zsh_WhenItReadsTheScript_FindsNoFault()
    {
        Assert.SkipUnless(File.Exists("/bin/zsh"), "zsh is not installed");

        Assert.Equal("", await RunAsync("/bin/zsh", "-n", await ScriptAsync("zsh")));
    }

    [Theory]
    [InlineData("rollbook s", "score show sql stats")]
    [InlineData("rollbook export x --format ", "atif jsonl parquet reference sts traj")]
    public async Task Fish_WhenALineIsBegun_OffersWhatMayFollow(string line, string expected)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/fish"), "fish is not installed");

        var offered = await RunAsync("/usr/bin/fish", "--no-config", "-c", $"source {await ScriptAsync("fish")}; complete -C '{line}'");

        Assert.Equal(expected, string.Join(' ', offered.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal)));
    }

    [Theory]
    [InlineData("bash")]
    [InlineData("zsh")]
    [InlineData("fish")]
    public async Task Completion_WhenTheShellIsKnown_PrintsAScriptThatAsksTheProgram(string shell)
    {
        var run = await CliRun.OfAsync(new Dictionary<string, string>(), "completion", shell);

        Assert.Equal(0, run.ExitCode);
        Assert.Contains("[suggest:", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Completion_WhenTheShellIsUnknown_ExitsWithTwo() =>
        Assert.Equal(2, (await CliRun.OfAsync(new Dictionary<string, string>(), "completion", "csh")).ExitCode);

    private async Task<string> ScriptAsync(string shell) =>
        _directory.Write("script", (await CliRun.OfAsync(new Dictionary<string, string>(), "completion", shell)).Out);

    private static async Task<string> RunAsync(string program, params string[] args)
    {
        var start = new ProcessStartInfo(program, args) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["PATH"] = $"{AppContext.BaseDirectory}:{Environment.GetEnvironmentVariable("PATH")}";
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.Equal("", await errors);
        return output;
    }
}
