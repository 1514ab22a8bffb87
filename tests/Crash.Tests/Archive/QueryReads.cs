using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Rollbook.Crash.Tests;

/// <summary>Asks a recorder for its episodes in the three ways that there are. An answer that is not complete is null: it says so itself.</summary>
internal sealed class QueryReads(Uri address) : IDisposable
{
    private readonly HttpClient http = new(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = address, Timeout = TimeSpan.FromMinutes(1) };

    /// <summary>How often each id is in the list of completed episodes.</summary>
    public async Task<Dictionary<string, int>?> ListAsync(CancellationToken over)
    {
        var found = new Dictionary<string, int>();
        var cursor = "";
        do
        {
            using var page = await GetAsync($"v1/episodes?status=completed&order=start_time&limit=1000{cursor}", over);
            if (!IsComplete(page)) return null;
            foreach (var item in page!.RootElement.GetProperty("items").EnumerateArray())
            {
                var id = item.GetProperty("episode_id").GetString()!;
                found[id] = found.GetValueOrDefault(id) + 1;
            }

            cursor = page.RootElement.GetProperty("next_cursor").GetString() is { } next ? "&cursor=" + Uri.EscapeDataString(next) : "";
        }
        while (cursor.Length > 0);
        return found;
    }

    /// <summary>Episodes, steps and scores of each task.</summary>
    /// <param name="filter">More of the query, such as <c>&amp;status=completed</c>.</param>
    /// <param name="over">Ends it.</param>
    public async Task<Dictionary<string, (long Count, long Steps, double Scores)>?> StatsAsync(string filter, CancellationToken over)
    {
        using var answer = await GetAsync("v1/stats?group_by=task" + filter, over);
        return !IsComplete(answer) ? null : answer!.RootElement.GetProperty("groups").EnumerateArray().ToDictionary(
            static g => g.GetProperty("task").GetString()!,
            static g => (
                g.GetProperty("count").GetInt64(), g.GetProperty("total_steps").GetInt64(),
                g.GetProperty("scored").GetInt64() is var scored && scored > 0 ? scored * g.GetProperty("score").GetProperty("mean").GetDouble() : 0));
    }

    /// <summary>The rows of a statement.</summary>
    public async Task<List<JsonElement[]>?> SqlAsync(string sql, bool fresh, CancellationToken over)
    {
        using var content = new StringContent(JsonSerializer.Serialize(new { sql }), Encoding.UTF8, MediaTypeHeaderValue.Parse("application/json"));
        using var response = await http.PostAsync($"v1/query?fresh={(fresh ? "true" : "false")}", content, over);
        using var answer = await ParseAsync(response, over);
        if (!IsComplete(answer)) return null;
        Assert.False(answer!.RootElement.GetProperty("truncated").GetBoolean());
        return [.. answer.RootElement.GetProperty("rows").EnumerateArray().Select(static row => row.EnumerateArray().Select(static v => v.Clone()).ToArray())];
    }

    public void Dispose() => http.Dispose();

    private static bool IsComplete(JsonDocument? answer) => answer is not null && answer.RootElement.GetProperty("complete").GetBoolean();

    private async Task<JsonDocument?> GetAsync(string path, CancellationToken over)
    {
        using var response = await http.GetAsync(path, over);
        return await ParseAsync(response, over);
    }

    // Busy and unavailable are no answers.
    private static async Task<JsonDocument?> ParseAsync(HttpResponseMessage response, CancellationToken over)
    {
        var text = await response.Content.ReadAsStringAsync(over);
        if (response.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable) return null;
        Assert.True(response.IsSuccessStatusCode, $"{response.RequestMessage!.RequestUri}: {(int)response.StatusCode} {text}");
        return JsonDocument.Parse(text);
    }
}
