using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Rollbook.Client;

namespace Rollbook.Testing;

/// <summary>
/// Appends of many workers in shared requests (<c>POST /v1/steps</c>): whoever comes while a request is under way goes with the
/// next one. What the answer doesn't name is sent again, as the contract says, until the recorder is gone.
/// </summary>
internal sealed class SharedAppends(Uri address, CancellationToken over) : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private readonly HttpClient http = new(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = address };
    private readonly Lock gate = new();
    private List<Part> pending = [];
    private bool running;

    /// <summary>Episodes whose steps an answer of more than one line acknowledged.</summary>
    public static long Shared => Interlocked.Read(ref shared);

    private static long shared;

    /// <summary>Appends lines of one episode, of which no other append is under way.</summary>
    /// <exception cref="OperationCanceledException">The recorder is gone: the outcome is unknown.</exception>
    public async Task<AppendedSteps> AppendAsync(string episode, long from, byte[] lines, long writerEpoch)
    {
        var part = new Part(episode, from, lines, writerEpoch);
        lock (gate)
        {
            pending.Add(part);
            if (!running) _ = Task.Run(PumpAsync);
            running = true;
        }

        return await part.Outcome.Task.WaitAsync(over);
    }

    public void Dispose() => http.Dispose();

    private async Task PumpAsync()
    {
        while (true)
        {
            List<Part> parts;
            lock (gate)
            {
                running = pending.Count > 0 && !over.IsCancellationRequested;
                if (!running) return;
                parts = pending;
                pending = [];
            }

            var waiting = parts.ToDictionary(part => part.Episode);
            try
            {
                await SendAsync(waiting, parts.Count);
            }
            catch (Exception error) when (error is HttpRequestException or IOException or OperationCanceledException or ObjectDisposedException)
            {
                // Killed in the middle: those without a line have an unknown outcome.
            }
            catch (InvalidOperationException violation)
            {
                foreach (var part in waiting.Values) part.Outcome.TrySetException(violation);
                waiting.Clear();
            }

            if (waiting.Count == 0) continue;
            lock (gate) pending.AddRange(waiting.Values);
            await Task.WhenAny(Task.Delay(Pause, TimeProvider.System, over));
        }
    }

    private async Task SendAsync(Dictionary<string, Part> waiting, int count)
    {
        using var content = new ByteArrayContent(Body(waiting.Values));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/x-ndjson");
        using var request = new HttpRequestMessage(HttpMethod.Post, "v1/steps") { Content = content };
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, over);
        if ((int)response.StatusCode is 429 or 503) return;
        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync(over));
        while (await lines.ReadLineAsync(over) is { } line)
        {
            if (!response.IsSuccessStatusCode) throw new InvalidOperationException($"{response.StatusCode}: {line}");
            Settle(line, waiting);
            if (count > 1) Interlocked.Increment(ref shared);
        }
    }

    private static void Settle(string line, Dictionary<string, Part> waiting)
    {
        using var json = JsonDocument.Parse(line);
        var root = json.RootElement;
        if (root.TryGetProperty("retry", out var retry) && retry.GetBoolean()) return;
        if (!waiting.Remove(root.GetProperty("episode_id").GetString()!, out var part)) throw new InvalidOperationException($"Nobody asked for {line}");
        if (root.TryGetProperty("code", out _)) part.Outcome.SetException(new InvalidOperationException($"{part.From} of {part.Episode}: {line}"));
        else part.Outcome.SetResult(new AppendedSteps(root.GetProperty("next_ordinal").GetInt64(), root.GetProperty("duplicates").GetInt64()));
    }

    private static byte[] Body(IEnumerable<Part> parts)
    {
        using var body = new MemoryStream();
        foreach (var part in parts)
        {
            var ordinal = part.From;
            for (ReadOnlySpan<byte> rest = part.Lines; !rest.IsEmpty;)
            {
                var end = rest.IndexOf((byte)'\n');
                body.Write(Encoding.ASCII.GetBytes($"{{\"episode_id\":\"{part.Episode}\",\"ordinal\":{ordinal++},\"writer_epoch\":{part.WriterEpoch},\"step\":"));
                body.Write(rest[..end]);
                body.Write("}\n"u8);
                rest = rest[(end + 1)..];
            }
        }

        return body.ToArray();
    }

    private sealed record Part(string Episode, long From, byte[] Lines, long WriterEpoch)
    {
        public TaskCompletionSource<AppendedSteps> Outcome { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
