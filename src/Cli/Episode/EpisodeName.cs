using System.CommandLine;
using System.Text.RegularExpressions;
using Rollbook.Client;

namespace Rollbook.Cli;

/// <summary>What a person types to mean an episode: its id, or a worker's name for what that does now or did last.</summary>
internal static partial class EpisodeName
{
    public static Argument<string> NewArgument() => new("ID|WORKER")
    {
        Description = "An episode's id, or a worker's name: then its current episode, else its last.",
    };

    /// <summary>Any number of them.</summary>
    public static Argument<string[]> NewArguments() => new("ID|WORKER")
    {
        Description = "Episodes' ids, or workers' names: then their current episode, else their last.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    public static async Task<EpisodeInfo> FindAsync(RollbookHttpClient client, string name, CancellationToken cancellationToken)
    {
        if (IsId(name))
        {
            try
            {
                return await client.GetEpisodeAsync(name, cancellationToken);
            }
            catch (RollbookException e) when (e.Code == "episode_not_found")
            {
                // A worker may have such a name; the search goes on there.
            }
        }

        WorkerInfo worker;
        try
        {
            worker = await client.GetWorkerAsync(name, cancellationToken);
        }
        catch (Exception e) when (e is RollbookException { Code: "worker_not_found" or "bad_request" } or ArgumentException)
        {
            throw NotFound(name);
        }

        var episode = worker.Current ?? worker.History.LastOrDefault() ?? throw NotFound(name);
        return await client.GetEpisodeAsync(episode.EpisodeId, cancellationToken);
    }

    /// <summary>Whether a name has the form of an episode's id.</summary>
    public static bool IsId(string name) => Ulid().IsMatch(name);

    private static CliException NotFound(string name) => new(
        ExitCode.NotFound, "not_found",
        $"There is no episode and no worker '{name}'. Ids have 26 characters; check the name, and that --url is the recorder that it was sent to.");

    [GeneratedRegex("^[0-7][0-9A-HJKMNP-TV-Za-hjkmnp-tv-z]{25}$")]
    private static partial Regex Ulid();
}
