using System.Globalization;

namespace Rollbook.Benchmarks;

/// <summary>Reads a recorder's metrics.</summary>
internal sealed class RecorderMetrics(Uri recorder) : IDisposable
{
    private readonly HttpClient http = new(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = recorder };

    /// <summary>Bytes of the log that no pack holds yet, and the steps that went into packs.</summary>
    public async Task<(double BacklogBytes, double PackedSteps)> ReadAsync()
    {
        var text = await http.GetStringAsync("metrics");
        return (Value(text, "rollbook_archive_backlog_bytes"), Value(text, "rollbook_archive_steps"));
    }

    /// <inheritdoc/>
    public void Dispose() => http.Dispose();

    // name{labels} value timestamp; a counter nobody counted is not there.
    private static double Value(string text, string name)
    {
        foreach (var line in text.Split('\n').Where(line => line.StartsWith(name, StringComparison.Ordinal)))
        {
            var end = line.LastIndexOf('}') + 1;
            if (end == 0) end = line.IndexOf(' ');
            return double.Parse(line[end..].Trim().Split(' ')[0], CultureInfo.InvariantCulture);
        }

        return 0;
    }
}
