using System.Text.Json;
using Xunit;

namespace Rollbook.Cli.Tests.Bench;

public sealed class BenchCommandTests : IAsyncLifetime
{
    private FakeRecorder _recorder = null!;

    public async ValueTask InitializeAsync() => _recorder = await FakeRecorder.StartAsync();

    public async ValueTask DisposeAsync() => await _recorder.DisposeAsync();

    [Theory]
    [InlineData("lockstep", 1)]
    [InlineData("batch", 4)]
    public async Task Bench_WhenStepsAreGiven_RecordsThemReadsThemBackAndEndsTheEpisodes(string mode, int batch)
    {
        var run = await RunAsync("--mode", mode, "--batch", $"{batch}", "--episodes", "6", "--steps", "10", "--connections", "4");

        Assert.True(run.ExitCode == 0, run.Error);
        var json = JsonDocument.Parse(run.Out).RootElement;
        Assert.Equal(60, json.GetProperty("steps").GetInt64());
        Assert.Equal(60, json.GetProperty("verified_steps").GetInt64());
        Assert.Equal(1160, json.GetProperty("bytes_per_step").GetDouble());
        Assert.Equal(6, _recorder.Episodes.Count);
        var pool = new StepPool(seed: 1);
        foreach (var episode in _recorder.Episodes.Values)
        {
            var number = int.Parse(episode.Worker.Split('.')[1]);
            Assert.Equal(Enumerable.Range(0, 10).Select(i => System.Text.Encoding.ASCII.GetString(pool.ToArray(number, i))), episode.Steps);
            Assert.Equal("completed", episode.Status);
        }

        Assert.Equal((10 + batch - 1) / batch * 6, _recorder.Requests.Count(request => request.Contains("/steps?from=", StringComparison.Ordinal) && request.StartsWith("POST", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Bench_WhenTheRecorderIsBusy_SendsTheSameAgain()
    {
        _recorder.Faults.Add(new Fault("/steps") { Status = 429, Code = "busy", Retry = true, Times = 2 });

        var run = await RunAsync("--episodes", "2", "--steps", "5");

        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Equal(2, JsonDocument.Parse(run.Out).RootElement.GetProperty("retries").GetInt64());
        Assert.All(_recorder.Episodes.Values, episode => Assert.Equal(5, episode.Steps.Count));
    }

    [Fact]
    public async Task Bench_WhenTheRecorderRefuses_SaysWhy()
    {
        _recorder.Faults.Add(new Fault("/steps") { Status = 409, Code = "episode_ended", Times = 1 });

        var run = await RunAsync("--episodes", "1", "--steps", "5");

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("episode_ended", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bench_WhenAnAcknowledgedStepIsMissing_Fails()
    {
        _recorder.HiddenSteps = 1;

        var run = await RunAsync("--episodes", "1", "--steps", "5");

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("not_recorded", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--episodes", "0")]
    [InlineData("--mode", "sideways")]
    [InlineData("--gateway", "nowhere")]
    [InlineData("--seconds", "NaN")]
    public async Task Bench_WhenAnOptionIsWrong_IsWrongUsage(string option, string value) => Assert.Equal(2, (await RunAsync(option, value)).ExitCode);

    [Theory]
    [InlineData("http")]
    [InlineData("gateway")]
    [InlineData("grain")]
    public async Task Bench_WhenItsOwnRecorderAsksForAKey_SendsIt(string via)
    {
        var silo = Path.Combine(AppContext.BaseDirectory, "../../Silo", Path.GetFileName(AppContext.BaseDirectory.TrimEnd('/')));
        // Not the own recorder's.
        var environment = new Dictionary<string, string> { ["ROLLBOOK_API_KEY"] = "rb_another" };
        var run = await CliRun.OfAsync(
            environment, "bench", "--silo", silo, "--via", via, "--require-keys", "--episodes", "3", "--steps", "4", "--warmup", "0", "--no-limits", "--json");

        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Equal(12, JsonDocument.Parse(run.Out).RootElement.GetProperty("verified_steps").GetInt64());
    }

    [Fact]
    public async Task Bench_WhenARunningRecorderIsToRequireKeys_NamesTheCure()
    {
        var run = await RunAsync("--require-keys");

        Assert.Equal(2, run.ExitCode);
        Assert.Contains("--api-key", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bench_WhenTheRecordersProgramIsMissing_NamesTheCure()
    {
        using var directory = new TemporaryDirectory();

        var run = await CliRun.OfAsync(new Dictionary<string, string>(), "bench", "--silo", directory.Path);

        Assert.Equal(4, run.ExitCode);
        Assert.Contains("--silo takes", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_WhenMetricsHaveUserAndSystemTime_AddsThem()
    {
        const string Metrics = """
            # TYPE dotnet_process_cpu_time_seconds_total counter
            dotnet_process_cpu_time_seconds_total{otel_scope_name="System.Runtime",cpu_mode="system"} 1.5 1763890000250
            dotnet_process_cpu_time_seconds_total{otel_scope_name="System.Runtime",cpu_mode="user"} 12.25
            dotnet_process_cpu_count 2
            """;

        Assert.Equal(13.75, CpuMeter.Parse(Metrics));
        Assert.Null(CpuMeter.Parse("rollbook_steps_total 5\n"));
    }

    private Task<CliRun> RunAsync(params string[] args) =>
        CliRun.OfAsync(_recorder, ["bench", "--url", _recorder.Address.ToString(), "--warmup", "0", "--no-limits", "--json", .. args]);
}
