using System.CommandLine;
using System.CommandLine.Parsing;
using System.Net;

namespace Rollbook.Cli;

/// <summary><c>rollbook bench</c>: how much this machine, this disk and a recorder on it take.</summary>
internal static class BenchCommand
{
    private const string About = """
        Measure a recorder: steps a second, time to the acknowledgement, CPU, and the limits of this machine.

        Many episodes record at once, each step once durable, with the content of coding agents: 740 B of JSON a step, every fifth with a diff
        of 2,100 B besides. Starts a recorder for itself on a temporary directory and removes both, unless --url or --gateway (here, not in
        the environment) names a running one, which keeps the episodes. Reads steps back and fails where one is missing or differs.

        Put the data where a recorder would have it: --data DIR (a new directory) on the disk in question.

        Modes:
          lockstep   an episode sends its next step when the last is acknowledged
          batch      the same with --batch steps an append
          across     the next step of many episodes in one request (POST /v1/steps)

        Examples:
          rollbook bench
          rollbook bench --mode batch --batch 64 --data /var/lib/rollbook-bench
          rollbook bench --via grain --json | jq .steps_per_second
          rollbook bench --mode across --rate 50000
          rollbook bench --via gateway --require-keys
          rollbook bench --url http://127.0.0.1:5080 --episodes 100 --seconds 30
        """;

    // Far below what one process may open.
    private const int MostConnections = 4000;

    public static Command Create(ConnectionOptions connection, CliHost host)
    {
        var options = new BenchOptions();
        var command = DetailedHelp.NewCommand("bench", About);
        foreach (var option in options.All)
            command.Add(option);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var plan = Plan(parsed, options, connection, host);
            TuneSockets(plan);
            var result = await BenchProgress.RunAsync(host, progress => new BenchSession(plan, host.Time) { Progress = progress }.RunAsync(cancellationToken));
            BenchReport.Write(host.Out, result, parsed.GetValue(connection.Json));
            return ExitCode.Ok;
        });
        return command;
    }

    private static BenchPlan Plan(ParseResult parsed, BenchOptions options, ConnectionOptions connection, CliHost host)
    {
        var mode = parsed.GetRequiredValue(options.Mode);
        var via = parsed.GetRequiredValue(options.Via);
        var episodes = parsed.GetValue(options.Episodes);
        if (via != BenchPlan.Http && mode == BenchPlan.Across)
            throw new CliException(ExitCode.Usage, "usage", $"--via {via} has no request for many episodes: across is for --via http.");
        var rate = parsed.GetValue(options.Rate);
        if (via != BenchPlan.Http && rate is not null)
            throw new CliException(ExitCode.Usage, "usage", $"--via {via} takes no --rate: it is for --via http.");
        var plan = new BenchPlan
        {
            Via = via,
            Mode = mode,
            Episodes = episodes,
            Steps = parsed.GetValue(options.Steps),
            Length = TimeSpan.FromSeconds(parsed.GetValue(options.Seconds)),
            Warmup = TimeSpan.FromSeconds(parsed.GetValue(options.Warmup)),
            Batch = parsed.GetValue(options.Batch) ?? (mode == BenchPlan.Batches ? 64 : 1),
            Rate = rate,
            Connections = parsed.GetValue(options.Connections) ?? (via, mode) switch
            {
                (BenchPlan.Http, BenchPlan.Across) => 4,
                (BenchPlan.Http, _) => Math.Min(episodes, MostConnections),
                _ => 1,
            },
            // A recorder that serves others is loaded only where it was named on this command line.
            Url = parsed.GetResult(connection.Url) is { Implicit: false } ? parsed.GetValue(connection.Url) : null,
            Gateway = parsed.GetValue(options.Gateway),
            ApiKey = parsed.GetValue(connection.ApiKey) ?? host.Variable("ROLLBOOK_API_KEY"),
            Silo = parsed.GetValue(options.Silo),
            Data = parsed.GetValue(options.Data),
            Seed = parsed.GetValue(options.Seed),
            Verify = parsed.GetValue(options.Verify),
            RequireKeys = parsed.GetValue(options.RequireKeys),
            Limits = !parsed.GetValue(options.NoLimits),
        };
        return plan is { RequireKeys: true, OwnRecorder: false }
            ? throw new CliException(ExitCode.Usage, "usage", "--require-keys is for a recorder that is started: the key of a running one is --api-key's.")
            : plan;
    }

    /// <summary>
    /// The runtime's socket engine hands each completion to the thread pool, which costs the generator a third of its time: it may run them
    /// itself, since none of them blocks. It reads its settings at the first socket.
    /// </summary>
    private static void TuneSockets(BenchPlan plan)
    {
        const string Inline = "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS";
        if (plan.Via == BenchPlan.Http && Environment.GetEnvironmentVariable(Inline) is null)
            Environment.SetEnvironmentVariable(Inline, "1");
    }
}
