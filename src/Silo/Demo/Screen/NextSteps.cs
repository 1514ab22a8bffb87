namespace Rollbook.Silo.Demo;

/// <summary>Commands to go on with, for a shell in the root of the repository.</summary>
internal static class NextSteps
{
    /// <summary>The lines.</summary>
    /// <param name="address">Where the recorder listens, without a slash at its end.</param>
    /// <param name="example">A completed episode.</param>
    public static IEnumerable<string> Lines(string address, EndedRollout example)
    {
        var url = address == "http://127.0.0.1:5080" ? "" : $" --url {address}";
        return
        [
            "",
            "What to try next, in another shell:",
            "  # a worker's trajectory, and one finished episode with its steps",
            $"  curl {address}/v1/workers/{example.Worker}/trajectory",
            $"  curl {address}/v1/episodes/{example.EpisodeId}",
            "  # the same to read; and a worker's steps as they come",
            $"  dotnet run --project src/Cli -- show {example.EpisodeId}{url}",
            $"  dotnet run --project src/Cli -- tail {example.Worker}{url}",
            "  # record from Python",
            $"  ROLLBOOK_URL={address} PYTHONPATH=src/Client.Python python3 - <<'END'",
            "  from rollbook import TrajectoryLogger",
            "  log = TrajectoryLogger()",
            "  print(log.start_episode('my-task', 'v1'))",
            "  log.record_step(1, 'read', 'a.py', None, None, 0.0, 0.0, False, None, None, None, 3.5, {})",
            "  log.end_episode(final_score=1.0)",
            "  print(log.get_trajectory())",
            "END",
            $"  # figures: {address}/metrics   the API: {address}/openapi/v1.json",
            "",
        ];
    }
}
