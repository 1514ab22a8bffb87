using System.Globalization;
using System.Text;

namespace Rollbook.Kill.Tests;

/// <summary>Watches an episode at one silo, as a browser does, and resumes at another behind the last event that it got.</summary>
internal sealed class LiveReader : IDisposable
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(240);
    private readonly HttpClient http = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = Timeout.InfiniteTimeSpan };
    private readonly List<byte[]> steps = [];
    private readonly List<(int At, TaskCompletionSource Reached)> milestones = [];
    private readonly Lock gate = new();

    /// <summary>The steps in the order of their events; the next event must have the next ordinal.</summary>
    public IReadOnlyList<byte[]> Steps => steps;

    /// <summary>Completes when so many steps have come.</summary>
    public Task ReachedAsync(int count)
    {
        lock (gate)
        {
            if (steps.Count >= count) return Task.CompletedTask;
            var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            milestones.Add((count, reached));
            return reached.Task.WithinAsync(Longest, () => $"Step {count} did not come, only {steps.Count}");
        }
    }

    /// <summary>Reads until the ending.</summary>
    /// <returns>False where the connection broke before it.</returns>
    public async Task<bool> ReadAsync(Uri silo, string episode)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(silo, $"v1/episodes/{episode}/live"));
            if (steps.Count > 0) request.Headers.Add("Last-Event-ID", (steps.Count - 1).ToString(CultureInfo.InvariantCulture));
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            // Its owner is moving: a browser would come again.
            if ((int)response.StatusCode is 503 or 429) return false;
            response.EnsureSuccessStatusCode();
            using var lines = new StreamReader(await response.Content.ReadAsStreamAsync(), Encoding.UTF8);
            return await ReadEventsAsync(lines);
        }
        catch (Exception broken) when (broken is HttpRequestException or IOException)
        {
            return false;
        }
    }

    public void Dispose() => http.Dispose();

    private async Task<bool> ReadEventsAsync(StreamReader lines)
    {
        string kind = "", id = "", data = "";
        while (await lines.ReadLineAsync() is { } line)
        {
            if (line.StartsWith("event: ", StringComparison.Ordinal)) kind = line[7..];
            else if (line.StartsWith("id: ", StringComparison.Ordinal)) id = line[4..];
            else if (line.StartsWith("data: ", StringComparison.Ordinal)) data = line[6..];
            if (line.Length > 0) continue;
            if (kind == "end") return true;
            if (kind == "step") Add(id, data);
            kind = "";
        }

        return false;
    }

    private void Add(string id, string data)
    {
        lock (gate)
        {
            Assert.Equal(steps.Count.ToString(CultureInfo.InvariantCulture), id);
            steps.Add(Encoding.UTF8.GetBytes(data));
            milestones.RemoveAll(milestone => steps.Count >= milestone.At && milestone.Reached.TrySetResult());
        }
    }
}
