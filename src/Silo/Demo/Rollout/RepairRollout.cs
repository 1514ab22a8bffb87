namespace Rollbook.Silo.Demo;

/// <summary>Plays a plan: policy against environment, without a clock and without a recorder.</summary>
internal sealed class RepairRollout(EpisodePlan plan)
{
    private readonly RepairEnvironment _environment = new(plan.Task, plan.Variant);

    /// <summary>The environment, with score and cause once the steps are over.</summary>
    public RepairEnvironment Environment => _environment;

    /// <summary>The steps, each computed when it is taken; fewer than a whole episode where the plan's fate comes first.</summary>
    public IEnumerable<RepairStep> Play()
    {
        var policy = new RepairPolicy(plan.Task.BugsOf(plan.Variant), plan.Seed, plan.Skill);
        var number = 0;
        var sum = 0.0;
        foreach (var action in policy.Play())
        {
            var outcome = _environment.Step(action);
            policy.Observe(action, outcome);
            sum = Math.Round(sum + outcome.Reward, 4);
            yield return new RepairStep(++number, action, outcome, sum);
            if (outcome.Done || plan.Fate != Fate.Finish && number == plan.FateAfter)
                yield break;
        }
    }
}
