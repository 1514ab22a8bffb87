namespace Rollbook.Silo.Tests.Http.Live;

/// <summary>Reads server-sent events.</summary>
internal sealed class EventReader : IDisposable
{
    private readonly HttpResponseMessage response;
    private readonly StreamReader lines;
    private readonly SemaphoreSlim commented = new(0);

    private EventReader(HttpResponseMessage response, Stream body)
    {
        this.response = response;
        lines = new StreamReader(body);
    }

    public string? LastData { get; private set; }

    public int Comments { get; private set; }

    public static async Task<EventReader> OpenAsync(EdgeServer server, string path, string? lastEventId = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (lastEventId is not null) request.Headers.Add("Last-Event-ID", lastEventId);
        var response = await server.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        response.EnsureSuccessStatusCode();
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
        return new EventReader(response, await response.Content.ReadAsStreamAsync());
    }

    /// <summary>The next events as "name id"; null for the end of the stream.</summary>
    public async Task<List<string?>> TakeAsync(int count)
    {
        var events = new List<string?>();
        var (name, id) = ("", "");
        while (events.Count < count)
        {
            var line = await lines.ReadLineAsync().WaitAsync(TimeSpan.FromMinutes(1));
            if (line is null)
            {
                events.Add(null);
                break;
            }

            if (line.StartsWith(':'))
            {
                Comments++;
                commented.Release();
            }

            if (line.StartsWith("event: ", StringComparison.Ordinal)) name = line[7..];
            if (line.StartsWith("id: ", StringComparison.Ordinal)) id = line[4..];
            if (line.StartsWith("data: ", StringComparison.Ordinal)) LastData = line[6..];
            if (line.Length > 0 || name.Length == 0) continue;
            events.Add($"{name} {id}");
            (name, id) = ("", "");
        }

        return events;
    }

    /// <summary>Waits for comments while a <see cref="TakeAsync"/> reads.</summary>
    public async Task CommentsAsync(int count)
    {
        for (var i = 0; i < count; i++) Assert.True(await commented.WaitAsync(TimeSpan.FromMinutes(1)), "no comment line came");
    }

    public void Dispose()
    {
        lines.Dispose();
        response.Dispose();
    }
}
