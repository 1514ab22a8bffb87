using Xunit;

namespace Rollbook.Cli.Tests.History;

public sealed class StatsCommandTests : IAsyncLifetime
{
    private const string Answer = """{"groups":[{"task":"t1","count":12,"by_status":{"running":1,"completed":9,"superseded":0,"aborted":0,"lost":2},"scored":9,"not_finite":0,"score":{"mean":0.5,"std":0.25,"min":0,"max":1,"p05":0,"p25":0.1,"p50":0.4,"p75":0.9,"p95":1},"successes":3,"success_rate":0.333,"steps":{"mean":7.5},"duration_seconds":{"mean":60},"total_steps":90,"errors":9,"error_rate":0.1,"episodes_with_errors":3,"flagged":0,"episodes_flagged":0,"groups":4,"zero_variance_groups":1,"pass_at_k":[{"k":1,"value":0.25,"units":4},{"k":8,"value":null,"units":0}]}],"threshold":1,"truncated":false,"as_of":1,"complete":true,"missing":[]}""";

    private FakeRecorder _recorder = null!;

    public async ValueTask InitializeAsync() => _recorder = await FakeRecorder.StartAsync();

    public async ValueTask DisposeAsync() => await _recorder.DisposeAsync();

    [Fact]
    public async Task Stats_ByTask_ShowsATable()
    {
        _recorder.Answers["/v1/stats"] = (200, Answer);

        var run = await CliRun.OfAsync(_recorder, "stats", "--group-by", "task", "--k", "1,8", "--over", "task", "--worker", "w");

        Assert.Equal(0, run.ExitCode);
        Assert.Equal(["GET /v1/stats?worker=w&group_by=task&k=1%2C8&over=task"], _recorder.Requests);
        Assert.Equal(["task", "episodes", "running", "lost", "scored", "mean", "std", "median", "success", "pass@1", "pass@8", "flat", "groups", "steps", "seconds", "errors"], Words(run.Lines[0]));
        Assert.Equal(["t1", "12", "1", "2", "9", "0.5", "0.25", "0.4", "33.3", "%", "25", "%", "1/4", "7.5", "60", "10", "%"], Words(run.Lines[1]));
    }

    [Fact]
    public async Task Stats_ByFieldsAsTheFiltersAreCalled_AsksForThem()
    {
        _recorder.Answers["/v1/stats"] = (200, Answer);

        await CliRun.OfAsync(_recorder, "stats", "--group-by", "task, variant,group,policy,variant_id");

        Assert.Equal(["GET /v1/stats?group_by=task%2Cvariant_id%2Cgroup_id%2Cpolicy_version%2Cvariant_id"], _recorder.Requests);
    }

    [Fact]
    public async Task Stats_WhenJsonIsAsked_GivesTheAnswerAsServed()
    {
        _recorder.Answers["/v1/stats"] = (200, Answer);
        Assert.Equal(Answer + "\n", (await CliRun.OfAsync(_recorder, "stats", "--json")).Out);
    }

    private static string[] Words(string line) => line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
