namespace Rollbook.Silo.Demo;

/// <summary>Commands to go on with, for a shell in the root of the repository.</summary>
internal static class NextSteps
{
    /// <summary>The lines.</summary>
    /// <param name="address">Where the recorder listens, without a slash at its end.</param>
    /// <param name="example">A completed episode.</param>
    public static IEnumerable<string> Lines(string address, EndedRollout example)
    {
        // Commands stand alone on short lines, so that they can be copied from a terminal of 80 columns.
        string[] elsewhere = address == "http://127.0.0.1:5080" ? [] : ["# where this recorder listens", $"export ROLLBOOK_URL={address}"];
        return
        [
            "",
            "What to try next, in another shell:",
            "",
            .. elsewhere,
            "# a worker's trajectory as JSON, and one finished episode with its steps",
            $"curl {address}/v1/workers/{example.Worker}/trajectory",
            $"curl {address}/v1/episodes/{example.EpisodeId}",
            "# the same episode to read; then what another worker does right now",
            $"dotnet run --project src/Cli -- show {example.EpisodeId}",
            $"dotnet run --project src/Cli -- tail {OtherThan(example.Worker)}",
            "# record an episode from Python",
            "PYTHONPATH=src/Client.Python python3 - <<END",
            "from rollbook import TrajectoryLogger",
            "log = TrajectoryLogger()",
            "print(log.start_episode('my-task', 'v1'))",
            "log.record_step(1, 'read', 'a.py', None, None, 0.0, 0.0, False,",
            "                None, None, None, 2.5, {'content': 'x = 1'})",
            "log.end_episode(final_score=1.0)",
            "END",
            "# figures for Prometheus, and the API's description",
            $"curl {address}/metrics",
            $"curl {address}/openapi/v1.json",
            "",
        ];
    }

    private static string OtherThan(string worker) => worker == "demo.00" ? "demo.01" : "demo.00";
}
