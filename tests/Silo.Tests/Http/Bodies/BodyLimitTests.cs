using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Rollbook.Episodes;
using Rollbook.Silo.Http;
using Rollbook.Testing;

namespace Rollbook.Silo.Tests.Http.Bodies;

/// <summary>T23: sizes from the smallest step to past the limit.</summary>
[Collection(nameof(AloneCollection))]
public sealed class BodyLimitTests
{
    private const string Path = $"/v1/episodes/{EdgeServer.Id}/steps?from=0";

    [Theory]
    [InlineData(21)]
    [InlineData(1_000)]
    [InlineData(65_536)]
    [InlineData(65_537)]
    [InlineData(1_048_576)]
    [InlineData(4_194_305)]
    [InlineData(BodyReader.MaxBytes - 1)]
    [InlineData(BodyReader.MaxBytes)]
    public async Task Append_UpToTheLimit_IsTakenWhole(int size)
    {
        await using var server = await EdgeServer.StartAsync();
        var body = Step(size);
        using var response = await server.Client.PostAsync(Path, new ByteArrayContent(body));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.True(StepEntry.Read(server.Episode.Appends.Single().Steps.Bytes.Span).Line.SequenceEqual(body));
    }

    [Theory]
    [InlineData(BodyReader.MaxBytes + 1, false)]
    [InlineData(BodyReader.MaxBytes + 1, true)]
    [InlineData(100 * 1024 * 1024, true)]
    public async Task Append_PastTheLimit_IsRefusedWithFlatMemory(int size, bool chunked)
    {
        await using var server = await EdgeServer.StartAsync();
        var before = GC.GetTotalAllocatedBytes(precise: true);
        var answer = await SendRawAsync(server, size, chunked);
        var allocated = GC.GetTotalAllocatedBytes(precise: true) - before;
        Assert.StartsWith("HTTP/1.1 413", answer, StringComparison.Ordinal);
        Assert.Contains("\"code\":\"too_large\"", answer, StringComparison.Ordinal);
        Assert.Contains("16,777,216", answer, StringComparison.Ordinal);
        Assert.Empty(server.Episode.Appends);
        Assert.InRange(allocated, 0, 64 * 1024 * 1024);
    }

    [Fact]
    public async Task Append_HundredMebibytesAnnounced_IsRefusedBeforeTheBody()
    {
        await using var server = await EdgeServer.StartAsync();
        await server.GetAsync("/health/live");
        var before = GC.GetTotalAllocatedBytes(precise: true);
        using var socket = await ConnectAsync(server);
        await socket.SendAsync(Encoding.ASCII.GetBytes(
            $"POST {Path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {100 * 1024 * 1024}\r\n\r\n"));
        var answer = await ReceiveAsync(socket);
        var allocated = GC.GetTotalAllocatedBytes(precise: true) - before;
        Assert.StartsWith("HTTP/1.1 413", answer, StringComparison.Ordinal);
        Assert.InRange(allocated, 0, 4 * 1024 * 1024);
        Figures.Report("T23", $"100 MiB announced: 413 before the body, {allocated / 1024} KiB allocated in the whole process");
    }

    [Fact]
    public async Task Append_TenThousandToolCalls_IsTaken()
    {
        await using var server = await EdgeServer.StartAsync();
        var calls = string.Join(',', Enumerable.Range(0, 10_000).Select(i => $"{{\"id\":{i},\"arguments\":\"{{\\\"x\\\":{i}}}\"}}"));
        var (status, _) = await server.PostAsync(Path, "{\"action_type\":\"a\",\"tool_calls\":[" + calls + "]}");
        Assert.Equal(200, status);
        var line = Encoding.UTF8.GetString(StepEntry.Read(server.Episode.Appends.Single().Steps.Bytes.Span).Line);
        Assert.Equal("{\"action_type\":\"a\",\"extra\":{\"tool_calls\":[" + calls + "]}}", line);
    }

    [Fact]
    public async Task Append_BatchOver4MiB_IsSentInConsecutiveCalls()
    {
        await using var server = await EdgeServer.StartAsync();
        var body = string.Join('\n', Enumerable.Range(0, 11).Select(i => Encoding.ASCII.GetString(Step(1_000_000 + i))));
        var (status, answer) = await server.PostAsync(Path.Replace("from=0", "from=5", StringComparison.Ordinal), body, StepsApi.Ndjson);
        Assert.Equal(200, status);
        Assert.Equal(16, (int)answer!["next_ordinal"]!);
        Assert.Equal([5L, 9, 13], server.Episode.Appends.Select(append => append.From));
        Assert.All(server.Episode.Appends, append => Assert.InRange(append.Steps.Bytes.Length, 1, StepSlices.MaxBytes));
        Assert.Equal(11, server.Episode.Appends.Sum(append => append.Steps.Count));
    }

    [Fact]
    public async Task Start_OverItsOwnLimit_IsTooLarge()
    {
        await using var server = await EdgeServer.StartAsync();
        var (status, problem) = await server.PostAsync(
            "/v1/workers/w/episodes", $$$"""{"task":"t","variant_id":"v","metadata":{"x":"{{{new string('x', BodyReader.MaxSmallBytes)}}}"}}""");
        Assert.Equal((413, "too_large"), (status, (string)problem!["code"]!));
        Assert.Empty(server.Worker.Starts);
    }

    [Theory]
    [InlineData($"/v1/episodes/{EdgeServer.Id}/steps?from=0", BodyReader.MaxBytes, "Send the steps in several requests.")]
    [InlineData("/v1/steps", BodyReader.MaxBytes, "Send the steps in several requests.")]
    [InlineData("/v1/scores", BodyReader.MaxBytes, "Send the scores in several requests.")]
    [InlineData($"/v1/episodes/{EdgeServer.Id}/scores", BodyReader.MaxSmallBytes, "Shorten what it holds.")]
    [InlineData("/v1/workers/w/episodes", BodyReader.MaxSmallBytes, "Shorten what it holds.")]
    public async Task Refusal_OverALimit_SaysWhatToDoOnThatRoute(string path, int limit, string cure)
    {
        await using var server = await EdgeServer.StartAsync();
        using var compressed = new MemoryStream();
        await using (var gzip = new System.IO.Compression.GZipStream(compressed, System.IO.Compression.CompressionLevel.Fastest, leaveOpen: true))
            await gzip.WriteAsync(new byte[limit + 1]);
        using var content = new ByteArrayContent(compressed.ToArray());
        content.Headers.ContentEncoding.Add("gzip");
        using var response = await server.Client.PostAsync(path, content);
        var problem = JsonNode.Parse(await response.Content.ReadAsStringAsync());

        Assert.Equal((413, "too_large"), ((int)response.StatusCode, (string)problem!["code"]!));
        Assert.EndsWith($"as sent and decompressed. {cure}", (string)problem["detail"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Append_ChunkedPastTheServersOwnLimit_SaysWhatToDo()
    {
        await using var server = await EdgeServer.StartAsync();
        Assert.Contains("Send the steps in several requests.", await SendRawAsync(server, BodyReader.MaxBytes + 1, chunked: true), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Append_WhenTooMuchIsOnItsWay_IsBusy()
    {
        await using var server = await EdgeServer.StartAsync(services => services.Add(
            Microsoft.Extensions.DependencyInjection.ServiceDescriptor.Singleton(new BodyBudget(100_000))));
        var (status, problem) = await server.PostAsync(Path, Encoding.ASCII.GetString(Step(200_000)));
        Assert.Equal((429, "busy"), (status, (string)problem!["code"]!));
        Assert.Equal(200, (await server.PostAsync(Path, Encoding.ASCII.GetString(Step(20_000)))).Status);
        Assert.Equal(200, (await server.PostAsync(Path, Encoding.ASCII.GetString(Step(20_000)))).Status);
    }

    private static byte[] Step(int size)
    {
        var empty = "{\"action_type\":\"\"}"u8.Length;
        return Encoding.ASCII.GetBytes("{\"action_type\":\"" + new string('x', size - empty) + "\"}");
    }

    private static async Task<string> SendRawAsync(EdgeServer server, int size, bool chunked)
    {
        using var socket = await ConnectAsync(server);
        var length = chunked ? "Transfer-Encoding: chunked" : $"Content-Length: {size}";
        await socket.SendAsync(Encoding.ASCII.GetBytes($"POST {Path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{length}\r\n\r\n"));
        var answer = ReceiveAsync(socket);
        var piece = new byte[1024 * 1024];
        piece.AsSpan().Fill((byte)' ');
        try
        {
            for (var sent = 0; sent < size && !answer.IsCompleted; sent += piece.Length)
            {
                var part = piece.AsMemory(0, Math.Min(piece.Length, size - sent));
                if (chunked) await socket.SendAsync(Encoding.ASCII.GetBytes(part.Length.ToString("x", CultureInfo.InvariantCulture) + "\r\n"));
                await SendAllAsync(socket, part);
                if (chunked) await socket.SendAsync("\r\n"u8.ToArray());
            }
        }
        catch (SocketException)
        {
            // The server has answered and closed: the answer was read before.
        }

        return await answer;
    }

    private static async Task SendAllAsync(Socket socket, ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty) bytes = bytes[await socket.SendAsync(bytes)..];
    }

    private static async Task<Socket> ConnectAsync(EdgeServer server)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, server.Client.BaseAddress!.Port);
        return socket;
    }

    /// <summary>Reads one answer, to the end of its JSON.</summary>
    private static async Task<string> ReceiveAsync(Socket socket)
    {
        var text = new StringBuilder();
        var buffer = new byte[8192];
        while (!text.ToString().Contains("}", StringComparison.Ordinal))
        {
            var read = await socket.ReceiveAsync(buffer);
            if (read == 0) break;
            text.Append(Encoding.UTF8.GetString(buffer, 0, read));
        }

        return text.ToString();
    }
}
