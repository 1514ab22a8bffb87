using System.Text;

namespace Rollbook.Cli.Tests;

/// <summary>One run of the program in this process, and what it wrote.</summary>
internal sealed record CliRun(int ExitCode, string Out, string Error)
{
    public IReadOnlyList<string> Lines => Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    public static async Task<CliRun> OfAsync(FakeRecorder recorder, params string[] args) =>
        await OfAsync(new Dictionary<string, string> { ["ROLLBOOK_URL"] = recorder.Address.ToString() }, args);

    public static async Task<CliRun> OfAsync(IReadOnlyDictionary<string, string> variables, params string[] args)
    {
        var output = new StringWriter(new StringBuilder());
        var error = new StringWriter(new StringBuilder());
        var code = await RollbookCli.RunAsync(args, new CliHost(output, error, variables.GetValueOrDefault));
        return new CliRun(code, output.ToString(), error.ToString());
    }
}
