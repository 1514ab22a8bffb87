using System.Globalization;

namespace Rollbook.Cli;

/// <summary>CPU time of the recorder: its process's where the benchmark started it, else what its metrics tell.</summary>
internal sealed class CpuMeter(RecorderProcess? process, Uri? address)
{
    private const string Metric = "dotnet_process_cpu_time";

    /// <summary>CPU seconds since its start; null where nobody tells.</summary>
    public async Task<double?> SecondsAsync(CancellationToken cancellation)
    {
        if (process is not null)
            return process.CpuTime.TotalSeconds;
        if (address is null)
            return null;
        try
        {
            using var http = new HttpClient(new SocketsHttpHandler { UseProxy = !address.IsLoopback });
            return Parse(await http.GetStringAsync(new Uri(address, "metrics"), cancellation));
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    /// <summary>The sum over user and system time in Prometheus' text; null where it isn't there.</summary>
    public static double? Parse(string metrics)
    {
        double? sum = null;
        foreach (var line in metrics.Split('\n'))
        {
            // dotnet_process_cpu_time_seconds_total{cpu_mode="user"} 12.5 1763890000250
            if (!line.StartsWith(Metric, StringComparison.Ordinal))
                continue;
            var value = line[(line.LastIndexOf('}') + 1)..].Trim().Split(' ')[0];
            if (double.TryParse(value, CultureInfo.InvariantCulture, out var seconds))
                sum = (sum ?? 0) + seconds;
        }

        return sum;
    }
}
