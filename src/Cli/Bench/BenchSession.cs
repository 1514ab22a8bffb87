using System.Net;

namespace Rollbook.Cli;

/// <summary>One benchmark from start to end: limits, recorder, warm-up, measured run, reading back.</summary>
internal sealed class BenchSession(BenchPlan plan, TimeProvider time)
{
    private const int ChunkBytes = 1 << 20;
    private const int SmallChunkBytes = 4096;
    private const int StartsAtOnce = 64;

    // A run of so many steps is read back whole.
    private const long SmallRun = 200_000;
    private const int Sample = 20;

    private static readonly TimeSpan LimitLength = TimeSpan.FromSeconds(2);

    /// <summary>Tells which phase runs and how much of it is done, 0 to 1.</summary>
    public Action<string, double> Progress { get; init; } = (_, _) => { };

    public async Task<BenchResult> RunAsync(CancellationToken cancellation)
    {
        if (!plan.OwnRecorder)
            return await MeasureAsync(null, null, cancellation);
        var command = RecorderProgram.Find(plan.Silo);
        var data = plan.Data is null ? Directory.CreateTempSubdirectory("rollbook-bench-").FullName : Directory.CreateDirectory(plan.Data).FullName;
        try
        {
            return await MeasureAsync(command, data, cancellation);
        }
        finally
        {
            if (plan.Data is null)
                Directory.Delete(data, recursive: true);
        }
    }

    private async Task<BenchResult> MeasureAsync(IReadOnlyList<string>? command, string? data, CancellationToken cancellation)
    {
        var (large, small) = data is not null && plan.Limits ? MeasureDisk(data) : (null, null);
        Progress("starting the recorder", 0);
        await using var recorder = command is null ? null : await RecorderProcess.StartAsync(command, data!, time, cancellation, plan.RequireKeys);
        var pool = new StepPool(plan.Seed);
        await using var target = await ConnectAsync(recorder, pool, cancellation);
        var episodes = Enumerable.Range(0, plan.Episodes).Select(number => new LoadEpisode(number)).ToArray();
        await EachAsync("starting the episodes", episodes, target.StartAsync, cancellation);

        if (plan.Warmup > TimeSpan.Zero)
            await SendAsync("warming up", target, new LoadRun(episodes, plan.Batch, plan.Warmup, null, time) { Rate = plan.Rate }, cancellation);
        var cpu = new CpuMeter(recorder, recorder?.Address ?? plan.Url);
        var calls = plan.Limits ? await CallAsync(target, episodes, cpu, cancellation) : null;
        var serverBefore = await cpu.SecondsAsync(cancellation);
        var clientBefore = Environment.CpuUsage.TotalTime;
        var run = new LoadRun(episodes, plan.Batch, plan.Length, plan.Steps, time) { Rate = plan.Rate };
        await SendAsync("recording", target, run, cancellation);
        var client = Environment.CpuUsage.TotalTime - clientBefore;
        var server = await cpu.SecondsAsync(cancellation) - serverBefore;

        var check = await VerifyAsync(target, pool, episodes, cancellation);
        await EachAsync("ending the episodes", episodes, target.EndAsync, cancellation);
        return new BenchResult
        {
            Plan = plan,
            Way = target.Description,
            Data = data,
            FileSystem = data is null ? null : new DriveInfo(data).DriveFormat,
            Steps = run.Steps,
            Bytes = run.Bytes,
            Elapsed = run.Elapsed,
            Latency = run.Latency,
            Retries = run.Retries,
            ClientCpuSeconds = client.TotalSeconds,
            ServerCpuSeconds = server,
            VerifiedSteps = check.Steps,
            VerifiedEpisodes = check.Episodes,
            LargeCommit = large,
            SmallCommit = small,
            Calls = calls,
        };
    }

    private (RawCommit Large, RawCommit Small) MeasureDisk(string data)
    {
        Progress("measuring the disk", 0);
        var large = RawCommit.Measure(data, ChunkBytes, LimitLength, time);
        Progress("measuring the disk", 0.5);
        return (large, RawCommit.Measure(data, SmallChunkBytes, LimitLength, time));
    }

    private async Task<BareCalls> CallAsync(IBenchTarget target, LoadEpisode[] episodes, CpuMeter cpu, CancellationToken cancellation)
    {
        Progress("measuring the bare calls", 0);
        var server = await cpu.SecondsAsync(cancellation);
        var client = Environment.CpuUsage.TotalTime;
        var begun = time.GetTimestamp();
        var calls = Math.Max(1, await target.CallAsync(episodes, LimitLength, cancellation));
        var seconds = time.GetElapsedTime(begun).TotalSeconds;
        client = Environment.CpuUsage.TotalTime - client;
        return new BareCalls(calls / seconds, (await cpu.SecondsAsync(cancellation) - server) / calls * 1e6, client.TotalSeconds / calls * 1e6);
    }

    private async Task<IBenchTarget> ConnectAsync(RecorderProcess? recorder, StepPool pool, CancellationToken cancellation)
    {
        // A key from the environment is not the own recorder's.
        var apiKey = recorder is null ? plan.ApiKey : recorder.AdminKey;
        if (plan.Via == BenchPlan.Http)
        {
            var address = recorder?.Address ?? plan.Url
                ?? throw new CliException(ExitCode.Usage, "usage", "--via http needs the --url of the recorder whose --gateway you gave.");
            return new HttpTarget(address, apiKey, pool, plan.Connections, plan.Mode == BenchPlan.Across, time);
        }

        IPEndPoint gateway = recorder?.Gateway ?? plan.Gateway
            ?? throw new CliException(ExitCode.Usage, "usage", $"--via {plan.Via} needs the recorder's --gateway HOST:PORT.");
        var grains = await GrainTarget.ConnectAsync(gateway, apiKey, pool, plan.Connections, time, cancellation);
        return plan.Via == BenchPlan.ByClient ? await GatewayTarget.ConnectAsync(gateway, apiKey, pool, grains, cancellation) : grains;
    }

    // The sending stops by itself at its end: a cancelled one would leave steps of unknown fate.
    private async Task SendAsync(string phase, IBenchTarget target, LoadRun run, CancellationToken cancellation)
    {
        var sending = Task.Run(() => target.SendAsync(run, cancellation), cancellation);
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(250), time);
        while (!sending.IsCompleted)
        {
            Progress(phase, run.Progress);
            var next = tick.WaitForNextTickAsync(cancellation).AsTask();
            await Task.WhenAny(sending, next);
            if (next.IsCompleted)
                await next;
            else
                break;
        }

        await sending;
    }

    private async Task EachAsync(string phase, LoadEpisode[] episodes, Func<LoadEpisode, CancellationToken, Task> call, CancellationToken cancellation)
    {
        var done = 0;
        var options = new ParallelOptions { MaxDegreeOfParallelism = StartsAtOnce, CancellationToken = cancellation };
        await Parallel.ForEachAsync(episodes, options, async (episode, token) =>
        {
            await call(episode, token);
            Progress(phase, (double)Interlocked.Increment(ref done) / episodes.Length);
        });
    }

    private async Task<StepCheck> VerifyAsync(IBenchTarget target, StepPool pool, LoadEpisode[] episodes, CancellationToken cancellation)
    {
        var check = new StepCheck(target, pool);
        var count = Math.Min(episodes.Length, plan.Verify ?? (episodes.Sum(episode => episode.Next) <= SmallRun ? episodes.Length : Sample));
        // Spread over all, the first and the last among them.
        for (var i = 0; i < count; i++)
        {
            Progress("reading back", (double)i / count);
            await check.CheckAsync(episodes[count == 1 ? 0 : (long)i * (episodes.Length - 1) / (count - 1)], cancellation);
        }

        return check;
    }
}
