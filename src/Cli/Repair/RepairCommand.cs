using System.CommandLine;
using Rollbook.StepLog;

namespace Rollbook.Cli;

/// <summary><c>rollbook repair</c>: gives up what can't be read, explicitly.</summary>
internal static class RepairCommand
{
    private const string About = """
        Cut damaged logs of a stopped data directory before their damage.

        Acknowledged steps at and behind the damage are given up. Without --accept-loss it only tells what would be lost. No log file is changed or deleted:
        a fence is written before the damage, and beside it repair-….json says what was given up, by episode. Keep a copy of the directory first.

        Examples:
          rollbook repair /var/lib/rollbook
          rollbook repair /var/lib/rollbook --accept-loss
        """;

    public static Command Create(ConnectionOptions connection, CliHost host)
    {
        var directory = new Argument<string>("DIR") { Description = "The data directory. The recorder must be stopped." };
        var accept = new Option<bool>("--accept-loss") { Description = "Do it: give up the damaged chunks and all behind them in their logs." };
        var command = DetailedHelp.NewCommand("repair", About);
        command.Add(directory);
        command.Add(accept);
        command.SetAction(parsed =>
        {
            using var stopped = StoppedDirectory.Open(parsed.GetRequiredValue(directory));
            var damaged = VerifyCommand.Check(stopped, host).Where(report => !report.IsGood).ToList();
            var json = parsed.GetValue(connection.Json);
            if (damaged.Count == 0 && !json)
                host.Out.WriteLine("No log is damaged; nothing was changed. 'rollbook verify' checks the archive, too.");

            var repair = new LogRepair(DiskFiles.Instance, stopped.Paths, host.Time);
            var cut = 0;
            foreach (var report in damaged)
            {
                var refusal = LogRepair.Refusal(report);
                if (refusal is null && parsed.GetValue(accept))
                {
                    repair.Cut(report);
                    cut++;
                }

                Tell(host, json, report, refusal, parsed.GetValue(accept));
            }

            if (!json && cut < damaged.Count && !parsed.GetValue(accept))
                host.Out.WriteLine("Nothing was changed. Copy the directory, then repeat with --accept-loss.");
            return cut == damaged.Count ? ExitCode.Ok : ExitCode.Failed;
        });
        return command;
    }

    private static void Tell(CliHost host, bool json, LogReport report, string? refusal, bool done)
    {
        if (json)
        {
            host.Out.WriteLine(CliJson.Line(writer =>
            {
                writer.WriteString("log", report.Log.ToString());
                writer.WriteBoolean("repaired", refusal is null && done);
                if (refusal is not null)
                    writer.WriteString("refused", refusal);
                writer.WriteNumber("cut_at_chunk", report.NextChunk);
                writer.WriteNumber("chunks_behind", report.Behind.Chunks);
                writer.WriteNumber("steps_behind", report.Behind.Steps);
                writer.WriteNumber("episodes_behind", report.Behind.Episodes);
            }));
            return;
        }

        host.Out.WriteLine($"{report.Log}: {report.Text}");
        if (refusal is not null)
        {
            host.Out.WriteLine($"  not repaired: {refusal}");
            return;
        }

        host.Out.WriteLine(
            $"  {(done ? "cut" : "would be cut")} at chunk {report.NextChunk}; given up: the damaged place, and {report.Behind.Chunks} readable chunks behind it "
            + $"with {report.Behind.Steps} steps of {report.Behind.Episodes} episodes.");
        foreach (var (episode, steps) in report.Behind.StepsOfEpisodes.Where(pair => pair.Value > 0).Take(20))
            host.Out.WriteLine($"    {episode}: {steps} steps");
        if (report.Behind.Episodes > 20)
            host.Out.WriteLine("    … all of them are in the repair record beside the log.");
    }
}
