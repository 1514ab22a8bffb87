using System.Globalization;
using System.Text.Json;

namespace Rollbook.Cli;

/// <summary>Prints a run's figures, for people or for scripts.</summary>
internal static class BenchReport
{
    private static readonly double[] Quantiles = [0.5, 0.9, 0.99, 0.999];

    public static void Write(TextWriter output, BenchResult result, bool json)
    {
        if (json)
            output.WriteLine(Json(result));
        else
            WriteText(output, result);
    }

    private static void WriteText(TextWriter output, BenchResult result)
    {
        var plan = result.Plan;
        output.WriteLine($"{plan.Episodes:N0} episodes at once, {plan.Mode}{(plan.Batch > 1 ? $" of {plan.Batch:N0} steps" : "")}{(plan.Rate is { } rate ? $", {rate:N0} steps/s offered" : "")}, {result.Way}");
        output.WriteLine($"content    {StepPool.PlainBytes} B a step, every fifth with a diff of {StepPool.DiffBytes:N0} B more: {StepPool.MeanBytes:N0} B on average");
        if (result.Data is not null)
            output.WriteLine($"data       {result.Data} ({result.FileSystem}){Unsafe(result.FileSystem!)}");
        output.WriteLine($"steps      {result.Steps:N0} in {result.Elapsed.TotalSeconds:N1} s = {result.StepsPerSecond:N0} steps/s, {result.Bytes / result.Elapsed.TotalSeconds / 1e6:N1} MB/s of JSON");
        output.WriteLine($"ack        {string.Join("  ", Quantiles.Select(share => $"p{Percent(share)} {Milliseconds(result.Latency.Quantile(share))}"))}  max {Milliseconds(result.Latency.Max)}");
        output.WriteLine($"CPU        recorder {Cpu(result.ServerCpu)}, client {Cpu(result.ClientCpu)} seconds per million steps (s/M), on {Environment.ProcessorCount} cores");
        output.WriteLine($"read back  {result.VerifiedSteps:N0} steps of {result.VerifiedEpisodes:N0} episodes, equal to what was sent{(result.Retries > 0 ? $"; {result.Retries:N0} times busy, and sent again" : "")}");
        if (result.LargeCommit is { } large && result.SmallCommit is { } small)
        {
            output.WriteLine($"limits     disk: {large.BytesPerSecond / 1e6:N0} MB/s in flushed chunks of {large.ChunkBytes >> 10:N0} KiB = {result.RawStepsPerSecond:N0} steps/s; "
                + $"a flush of {small.ChunkBytes >> 10} KiB takes {Milliseconds(small.Median)}");
        }

        if (result.Calls is { } calls)
            output.WriteLine($"           {Bare(plan)}: {calls.PerSecond:N0}/s; CPU recorder {Cpu(calls.ServerCpu)}, client {Cpu(calls.ClientCpu)} s/M");
    }

    private static string Json(BenchResult result) => CliJson.Line(writer =>
    {
        var plan = result.Plan;
        writer.WriteString("via", plan.Via);
        writer.WriteString("mode", plan.Mode);
        writer.WriteString("way", result.Way);
        writer.WriteNumber("episodes", plan.Episodes);
        writer.WriteNumber("batch", plan.Batch);
        Optional(writer, "rate", plan.Rate);
        writer.WriteNumber("connections", plan.Connections);
        writer.WriteNumber("cores", Environment.ProcessorCount);
        writer.WriteString("file_system", result.FileSystem);
        writer.WriteNumber("steps", result.Steps);
        writer.WriteNumber("seconds", Round(result.Elapsed.TotalSeconds));
        writer.WriteNumber("steps_per_second", Round(result.StepsPerSecond));
        writer.WriteNumber("bytes_per_step", Round((double)result.Bytes / Math.Max(1, result.Steps)));
        writer.WriteStartObject("ack_ms");
        foreach (var share in Quantiles)
            writer.WriteNumber($"p{Percent(share).Replace(".", "", StringComparison.Ordinal)}", Round(result.Latency.Quantile(share).TotalMilliseconds));
        writer.WriteNumber("max", Round(result.Latency.Max.TotalMilliseconds));
        writer.WriteEndObject();
        writer.WriteStartObject("cpu_seconds_per_million_steps");
        Optional(writer, "server", result.ServerCpu);
        Optional(writer, "client", result.ClientCpu);
        writer.WriteEndObject();
        writer.WriteNumber("retries", result.Retries);
        writer.WriteNumber("verified_episodes", result.VerifiedEpisodes);
        writer.WriteNumber("verified_steps", result.VerifiedSteps);
        writer.WriteStartObject("limits");
        Optional(writer, "disk_bytes_per_second", result.LargeCommit?.BytesPerSecond);
        Optional(writer, "disk_steps_per_second", result.RawStepsPerSecond);
        Optional(writer, "small_flush_ms", result.SmallCommit?.Median.TotalMilliseconds);
        Optional(writer, "calls_per_second", result.Calls?.PerSecond);
        Optional(writer, "server_cpu_seconds_per_million_calls", result.Calls?.ServerCpu);
        Optional(writer, "client_cpu_seconds_per_million_calls", result.Calls?.ClientCpu);
        writer.WriteEndObject();
    });

    private static void Optional(Utf8JsonWriter writer, string name, double? value)
    {
        if (value is { } number)
            writer.WriteNumber(name, Round(number));
        else
            writer.WriteNull(name);
    }

    private static string Bare(BenchPlan plan) => plan.Via == BenchPlan.Http ? "an empty answer over the same connections (GET /health/live)" : "an empty call of the same grains (a heartbeat)";

    private static string Unsafe(string format) =>
        StepLog.DataDirectoryCheck.IsUnsafe(format) ? ": NOT a disk that keeps what it flushes, so the figures mean nothing" : "";

    private static string Percent(double share) => (share * 100).ToString("0.#", CultureInfo.InvariantCulture);

    private static string Milliseconds(TimeSpan duration) => duration.TotalMilliseconds.ToString(duration.TotalMilliseconds < 10 ? "0.00" : "0.0", CultureInfo.InvariantCulture) + " ms";

    private static string Cpu(double? perMillion) => perMillion is { } seconds ? seconds.ToString("0.0", CultureInfo.InvariantCulture) : "n/a";

    private static double Round(double value) => Math.Round(value, 3);
}
