using System.Text.Json.Nodes;

namespace Rollbook.Silo.Tests.Archive;

/// <summary>
/// Asks for the episodes of a load, and compares each answer with the load's own log: what was acknowledged before the question is in it, and nothing is that was not sent
/// before the answer; each episode is there once, and so is each of its steps.
/// </summary>
internal sealed class MovingPolls(SiloServer server, MovingLoad load)
{
    private const string EpisodesWithSteps = """
        SELECT e.episode_id, e.status, e.step_count, s.n, s.ordinals, s.top, s.rewards, s.episode_id
        FROM episodes e FULL JOIN (
            SELECT episode_id, count(*) AS n, count(DISTINCT ordinal) AS ordinals, max(ordinal) AS top, sum(reward) AS rewards FROM steps GROUP BY 1) s ON e.episode_id = s.episode_id
        """;

    // Steps are as of a pack: they never become fewer.
    private readonly Dictionary<string, long> seen = new(StringComparer.Ordinal);

    public int Polls { get; private set; }

    public long StepsSeen { get; private set; }

    /// <summary>SQL over episodes and their steps.</summary>
    public async Task SqlAsync(bool fresh)
    {
        var before = load.Snapshot();
        var (status, answer) = await server.PostAsync($"/v1/query?fresh={(fresh ? "true" : "false")}", new JsonObject { ["sql"] = EpisodesWithSteps }.ToJsonString());
        var after = load.Snapshot();
        AssertComplete("SQL", status, answer);
        Assert.False((bool)answer!["truncated"]!);
        var listed = new HashSet<string>(StringComparer.Ordinal);
        foreach (var row in answer["rows"]!.AsArray())
        {
            Assert.True((string?)row![0] is not null, $"SQL has steps of {row[7]} and no episode");
            var id = (string)row[0]!;
            Assert.True(listed.Add(id), $"SQL has the episode {id} twice");
            AssertEpisode("SQL", id, (string)row[1]!, (long)row[2]!, before, after);
            var steps = (long?)row[3] ?? 0;
            if (steps > 0)
            {
                Assert.True(steps == (long)row[4]! && steps == (long)row[5]! + 1, $"SQL has {steps} steps of {id}, {row[4]} ordinals up to {row[5]}");
                Assert.Equal(MovingLoad.Rewards(steps), (double)row[6]!);
            }

            var (known, now) = (before.GetValueOrDefault(id), after.GetValueOrDefault(id));
            Assert.True(steps <= (now?.Sent ?? 0), $"SQL has {steps} steps of {id}, {now?.Sent} were sent");
            Assert.True(!fresh || steps >= (known?.Acknowledged ?? 0), $"fresh SQL has {steps} steps of {id}, {known?.Acknowledged} were acknowledged before");
            Assert.True(steps >= seen.GetValueOrDefault(id), $"SQL had {seen.GetValueOrDefault(id)} steps of {id} and has {steps} now");
            seen[id] = steps;
            StepsSeen += steps;
        }

        AssertAll("SQL", before, listed);
        Polls++;
    }

    /// <summary>The list, page by page, of what ended or of all.</summary>
    public async Task ListAsync(string query)
    {
        var before = load.Snapshot();
        var listed = new HashSet<string>(StringComparer.Ordinal);
        var cursor = "&fresh=true";
        while (cursor.Length > 0)
        {
            var (status, page) = await server.GetAsync($"/v1/episodes?order=start_time&limit=40{query}{cursor}");
            var after = load.Snapshot();
            AssertComplete("the list", status, page);
            foreach (var item in page!["items"]!.AsArray())
            {
                var id = (string)item!["episode_id"]!;
                Assert.True(listed.Add(id), $"the list has the episode {id} twice");
                AssertEpisode("the list", id, (string)item["status"]!, (long)item["step_count"]!, before, after);
            }

            cursor = (string?)page["next_cursor"] is { } next ? "&cursor=" + Uri.EscapeDataString(next) : "";
        }

        AssertAll("the list", query.Length == 0 ? before : before.Where(static e => e.Value.Ended), listed);
        Polls++;
    }

    /// <summary>Statistics of the ended ones by task: exact wherever nothing ended meanwhile.</summary>
    /// <returns>How many sums were exact.</returns>
    public async Task<int> StatsAsync()
    {
        var before = load.Snapshot();
        var (status, answer) = await server.GetAsync("/v1/stats?group_by=task&status=completed");
        var after = load.Snapshot();
        AssertComplete("the statistics", status, answer);
        var exact = 0;
        var groups = answer!["groups"]!.AsArray().ToDictionary(static g => (string)g!["task"]!, static g => g!);
        foreach (var task in after.Values.Select(static e => e.Task).Distinct())
        {
            var least = before.Values.Where(e => e.Task == task && e.Ended).ToList();
            var most = after.Values.Where(e => e.Task == task && e.EndSent).ToList();
            var (count, steps) = groups.TryGetValue(task, out var group) ? ((long)group["count"]!, (long)group["total_steps"]!) : (0, 0);
            Assert.InRange(count, least.Count, most.Count);
            Assert.InRange(steps, least.Sum(static e => e.Sent), most.Sum(static e => e.Sent));
            if (least.Count == 0 || least.Count != most.Count) continue;
            Assert.Equal(least.Average(static e => e.Score), (double)group!["score"]!["mean"]!, 1e-9);
            exact++;
        }

        Polls++;
        return exact;
    }

    private static void AssertComplete(string what, int status, JsonNode? answer)
    {
        Assert.True(status == 200, $"{what}: {status} {answer}");
        Assert.True((bool)answer!["complete"]!, $"{what} lacks {answer["missing"]}");
    }

    private static void AssertEpisode(
        string what, string id, string status, long steps, Dictionary<string, MovingLoad.Noted> before, Dictionary<string, MovingLoad.Noted> after)
    {
        Assert.True(after.TryGetValue(id, out var now) || status == "running", $"{what} has {id}, which nobody recorded");
        var known = before.GetValueOrDefault(id);
        Assert.InRange(steps, known?.Acknowledged ?? 0, now?.Sent ?? 0);
        if (known is { Ended: true }) Assert.Equal(("completed", known.Sent), (status, (int)steps));
        else Assert.True(status == "running" || (status == "completed" && now is { EndSent: true }), $"{what} calls {id} {status}");
    }

    private static void AssertAll(string what, IEnumerable<KeyValuePair<string, MovingLoad.Noted>> before, HashSet<string> listed)
    {
        foreach (var (id, _) in before) Assert.True(listed.Contains(id), $"{what} lacks {id}, which was acknowledged before it was asked");
    }
}
