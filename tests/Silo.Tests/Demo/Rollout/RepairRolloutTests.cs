using System.Text;
using System.Text.Json.Nodes;
using Rollbook.Silo.Demo;
using Xunit;

namespace Rollbook.Silo.Tests.Demo;

public sealed class RepairRolloutTests
{
    [Fact]
    public void Play_WhenSeedIsTheSame_GivesTheSameTrajectory()
    {
        var all = new HashSet<string>();
        for (var group = 0; group < 12; group++)
            for (var attempt = 0; attempt < EpisodePlan.GroupSize; attempt++)
            {
                var first = Trajectory(EpisodePlan.For(7, group, attempt));
                Assert.Equal(first, Trajectory(EpisodePlan.For(7, group, attempt)));
                all.Add(first);
            }
        // And not because every trajectory were the same one.
        Assert.InRange(all.Count, 80, 96);
        Assert.NotEqual(Trajectory(EpisodePlan.For(7, 0, 0)), Trajectory(EpisodePlan.For(8, 0, 0)));
    }

    [Fact]
    public void Play_WhenManySeedsAreTried_SolvesSomeAndFailsSome()
    {
        var scores = new List<double>();
        var causes = new HashSet<string>();
        var seen = new HashSet<string>();
        foreach (var plan in Plans(groups: 48))
        {
            var rollout = new RepairRollout(plan with { Fate = Fate.Finish });
            var steps = rollout.Play().ToList();
            Assert.InRange(steps.Count, 3, RepairEnvironment.MaxSteps);
            Assert.True(steps[^1].Outcome.Done);
            scores.Add(rollout.Environment.Score);
            causes.Add(rollout.Environment.EndCause!);
            foreach (var step in steps)
            {
                seen.Add(step.Action.Type);
                seen.UnionWith(step.Outcome.SecurityFlags);
                seen.Add(step.Outcome.Error?.Split(':')[0] ?? "");
            }
        }
        Assert.InRange(scores.Count(score => score >= 1), scores.Count / 5, scores.Count * 9 / 10);
        Assert.Superset(new HashSet<string> { "submitted" }, causes);
        Assert.Superset(
            new HashSet<string>
            {
                "list", "read", "search", "write", "run_tests", "submit", "file not found", "syntax error", "permission denied", "read-only",
                "path_outside_repository", "write_to_tests",
            },
            seen);
    }

    [Fact]
    public void Play_WhenDiffsAreApplied_EndsInFilesThatEarnTheScore()
    {
        foreach (var plan in Plans(groups: 12))
        {
            var rollout = new RepairRollout(plan with { Fate = Fate.Finish });
            var files = plan.Task.BrokenFiles(plan.Variant);
            foreach (var change in rollout.Play().Select(step => step.Outcome.Change).OfType<FileChange>())
            {
                Assert.Equal(files.GetValueOrDefault(change.Path), change.Before);
                files[change.Path] = change.After;
            }
            Assert.Equal(PassRate(files), rollout.Environment.Score, 3);
        }
    }

    [Fact]
    public void Play_WhenTheWorkerVanishes_IsTheSameUntilThen()
    {
        var plan = EpisodePlan.For(1, 0, 0) with { Fate = Fate.Finish, FateAfter = 3 };
        var whole = new RepairRollout(plan).Play().Take(3).Select(Text);
        Assert.Equal(whole, new RepairRollout(plan with { Fate = Fate.Vanish }).Play().Select(Text));
    }

    [Fact]
    public void For_WhenSiblings_HaveEightSeedsAndTheRestInCommon()
    {
        for (var group = 0; group < 24; group++)
        {
            var siblings = Enumerable.Range(0, EpisodePlan.GroupSize).Select(attempt => EpisodePlan.For(1, group, attempt)).ToList();
            Assert.Single(siblings.Select(plan => (plan.Task, plan.Variant, plan.PolicyVersion, plan.Group)).Distinct());
            Assert.Equal(8, siblings.Select(plan => plan.Seed).Distinct().Count());
        }
        Assert.Throws<ArgumentOutOfRangeException>(() => EpisodePlan.For(1, 0, 8));
    }

    [Fact]
    public void For_WhenManyAreMade_SomeVanishAndSomeHang()
    {
        var fates = Plans(groups: 100).CountBy(plan => plan.Fate).ToDictionary();
        Assert.InRange(fates[Fate.Vanish], 30, 90);
        Assert.InRange(fates[Fate.Hang], 10, 45);
    }

    [Fact]
    public void ToJson_WhenStepWrites_HasTheRecordersFields()
    {
        var change = new FileChange("src/a.mini", "a", "b", 2);
        var outcome = new RepairOutcome { Observation = new JsonObject { ["syntax"] = "ok" }, Change = change, Reward = -0.01, Error = null };
        var step = new RepairStep(4, new RepairAction("write", "src/a.mini", Content: "b", Thought: "Try b."), outcome, 0.19);
        Assert.Equal(
            """{"step_number":4,"timestamp":12.5,"action_type":"write","action_path":"src/a.mini","action_query":null,"action_content_length":1,"action_content":"b","observation_snapshot":{"syntax":"ok"},"reward":-0.01,"cumulative_reward":0.19,"done":false,"error":null,"file_diff":{"path":"src/a.mini","before":"a","after":"b","chars_changed":2},"duration_ms":0.5,"security_flags":[],"thought":"Try b."}""",
            Encoding.UTF8.GetString(step.ToJson(12.5, 0.5).Span));
    }

    private static IEnumerable<EpisodePlan> Plans(int groups) =>
        from @group in Enumerable.Range(0, groups)
        from attempt in Enumerable.Range(0, EpisodePlan.GroupSize)
        select EpisodePlan.For(1, @group, attempt);

    private static string Trajectory(EpisodePlan plan) => string.Join('\n', new RepairRollout(plan).Play().Select(Text));

    private static string Text(RepairStep step) => Encoding.UTF8.GetString(step.ToJson(0, 0).Span);

    private static double PassRate(IEnumerable<KeyValuePair<string, string>> files)
    {
        try
        {
            var results = MiniProgram.Load(files.Where(file => file.Key.EndsWith(".mini", StringComparison.Ordinal))).RunTests();
            return (double)results.Count(result => result.Passed) / results.Count;
        }
        catch (MiniSyntaxException)
        {
            return 0;
        }
    }
}
