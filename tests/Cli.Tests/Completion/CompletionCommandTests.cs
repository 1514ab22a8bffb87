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
    [InlineData("rollbook s", "score show")]
    [InlineData("rollbook export x --format ", "jsonl reference")]
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

    [Theory]
    [InlineData("zsh", "/bin/zsh")]
    [InlineData("fish", "/usr/bin/fish")]
    public async Task Script_WhenItsShellIsThere_IsValid(string shell, string path)
    {
        var script = _directory.Write("script", (await CliRun.OfAsync(new Dictionary<string, string>(), "completion", shell)).Out);
        Assert.Contains("[suggest:", await File.ReadAllTextAsync(script), StringComparison.Ordinal);
        Assert.SkipUnless(File.Exists(path), $"{shell} is not installed");

        Assert.Equal("", await RunAsync(path, "-n", script));
    }

    [Fact]
    public async Task Completion_WhenTheShellIsUnknown_ExitsWithTwo() =>
        Assert.Equal(2, (await CliRun.OfAsync(new Dictionary<string, string>(), "completion", "csh")).ExitCode);

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
