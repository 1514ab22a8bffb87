using Spectre.Console;

namespace Rollbook.Cli;

/// <summary>A bar on the standard error, where that is a terminal, that starts anew at each phase.</summary>
internal static class BenchProgress
{
    public static async Task<BenchResult> RunAsync(CliHost host, Func<Action<string, double>, Task<BenchResult>> work)
    {
        if (!host.ErrorIsTerminal)
            return await work((_, _) => { });
        return await host.ErrorConsole().Progress()
            .AutoClear(true)
            .Columns(new SpinnerColumn(), new ProgressBarColumn(), new PercentageColumn(), new TaskDescriptionColumn())
            .StartAsync(async context =>
            {
                var bar = context.AddTask("bench", maxValue: 1);
                return await work((phase, done) =>
                {
                    bar.Description(phase);
                    bar.Value = done;
                });
            });
    }
}
