using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Rollbook.Testing;

namespace Rollbook.Silo.Tests.Http.Blobs;

/// <summary>Large values over HTTP, against the whole recorder.</summary>
public sealed class BlobsApiTests : IAsyncLifetime
{
    private const int TooMany = (64 * 1024 * 1024) + 1;
    private readonly TempDirectory directory = new();
    private SiloServer server = null!;

    public async ValueTask InitializeAsync() => server = await SiloServer.StartAsync(directory.Path);

    public async ValueTask DisposeAsync()
    {
        await server.DisposeAsync();
        directory.Dispose();
    }

    [Fact]
    public async Task Put_ThenGet_GivesTheBytesBackAsAnAttachmentThatRunsNothing()
    {
        var value = Value(1_500_000, 1);

        var (status, answer) = await PutAsync(Hash(value), value);
        Assert.Equal((200, Hash(value), 1_500_000L), (status, (string)answer!["sha256"]!, (long)answer["bytes"]!));
        Assert.Equal(200, (await PutAsync(Hash(value), value)).Status);

        using var response = await server.Client.GetAsync(Path(value));
        Assert.Equal(value, await response.Content.ReadAsByteArrayAsync());
        Assert.Equal("application/octet-stream", response.Content.Headers.ContentType!.MediaType);
        Assert.Equal("attachment", response.Content.Headers.ContentDisposition!.DispositionType);
        Assert.Equal("nosniff", Assert.Single(response.Headers.GetValues("X-Content-Type-Options")));
        Assert.Equal("default-src 'none'; sandbox", Assert.Single(response.Headers.GetValues("Content-Security-Policy")));
        Assert.Equal($"\"{Hash(value)}\"", response.Headers.ETag!.Tag);
        Assert.True(response.Headers.CacheControl!.Private);
    }

    [Fact]
    public async Task Get_OfARange_GivesThatPart()
    {
        var value = Value(400_000, 2);
        await PutAsync(Hash(value), value);
        using var request = new HttpRequestMessage(HttpMethod.Get, Path(value)) { Headers = { Range = new RangeHeaderValue(300_000, 300_099) } };

        using var response = await server.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.PartialContent, response.StatusCode);
        Assert.Equal(value[300_000..300_100], await response.Content.ReadAsByteArrayAsync());
        Assert.Equal((300_000, 300_099, 400_000), (response.Content.Headers.ContentRange!.From, response.Content.Headers.ContentRange.To, response.Content.Headers.ContentRange.Length));
    }

    [Fact]
    public async Task Get_OfWhatTheCallerHas_SendsNothing()
    {
        var value = Value(1_000, 3);
        await PutAsync(Hash(value), value);
        using var request = new HttpRequestMessage(HttpMethod.Get, Path(value)) { Headers = { IfNoneMatch = { new EntityTagHeaderValue($"\"{Hash(value)}\"") } } };

        using var response = await server.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.NotModified, response.StatusCode);
    }

    [Fact]
    public async Task Head_TellsTheLengthOrThatThereIsNone()
    {
        var value = Value(123_456, 4);
        using var before = await server.Client.SendAsync(new HttpRequestMessage(HttpMethod.Head, Path(value)));
        await PutAsync(Hash(value), value);
        using var after = await server.Client.SendAsync(new HttpRequestMessage(HttpMethod.Head, Path(value)));

        Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.OK, 123_456L), (before.StatusCode, after.StatusCode, after.Content.Headers.ContentLength));
    }

    [Fact]
    public async Task Put_UnderAnotherHash_IsRefusedWithTheComputedOne()
    {
        var (value, other) = (Value(90_000, 5), Value(90_000, 6));

        var (status, problem) = await PutAsync(Hash(value), other);

        Assert.Equal((400, "bad_hash", false), (status, (string)problem!["code"]!, (bool)problem["retry"]!));
        Assert.Contains(Hash(other), (string)problem["detail"]!, StringComparison.Ordinal);
        Assert.Equal("blob_not_found", (string)(await server.GetAsync(Path(value))).Json!["code"]!);
        Assert.Empty(Files());
    }

    [Theory]
    [InlineData("abc")]
    [InlineData("ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789")]
    [InlineData("..%2f..%2fabcdef0123456789abcdef0123456789abcdef0123456789abcdef01")]
    public async Task Put_UnderANameThatIsNoHash_IsRefused(string name)
    {
        var (status, problem) = await PutAsync(name, [1, 2, 3]);
        Assert.Equal((400, "bad_request"), (status, (string)problem!["code"]!));
    }

    [Fact]
    public async Task Put_OfOneByteTooManyWithItsLength_IsRefusedBeforeTheBytesCome()
    {
        using var connection = new System.Net.Sockets.TcpClient();
        await connection.ConnectAsync(server.Client.BaseAddress!.Host, server.Client.BaseAddress.Port);
        var stream = connection.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"PUT /v1/blobs/{new string('0', 64)} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {TooMany}\r\n\r\n"));
        using var reader = new StreamReader(stream);

        Assert.StartsWith("HTTP/1.1 413 ", await reader.ReadLineAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Put_OfOneByteTooManyWithoutALength_IsRefusedAndKeepsNothing()
    {
        using var content = new ZeroContent(TooMany, announced: false);

        using var response = await server.Client.PutAsync($"/v1/blobs/{new string('0', 64)}", content);

        var problem = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
        Assert.Equal((413, "too_large"), ((int)response.StatusCode, (string)problem["code"]!));
        Assert.Contains("64 MiB", (string)problem["detail"]!, StringComparison.Ordinal);
        Assert.Empty(Files());
    }

    [Fact]
    public async Task Put_OfCompressedBytes_IsRefused()
    {
        using var content = new ByteArrayContent([1, 2, 3]);
        content.Headers.ContentEncoding.Add("gzip");
        using var response = await server.Client.PutAsync($"/v1/blobs/{new string('0', 64)}", content);
        Assert.Equal(415, (int)response.StatusCode);
    }

    [Fact]
    public async Task Append_OfAStepThatNamesAnUnknownBlob_IsRefusedUntilItIsPut()
    {
        var value = Value(300_000, 7);
        var id = await server.BeginAsync("unknown");
        var step = Step(value);

        var (status, problem) = await server.AppendAsync(id, 0, $"[{{\"action_type\":\"first\"}},{step}]");
        Assert.Equal((400, "unknown_blob", false), (status, (string)problem!["code"]!, (bool)problem["retry"]!));
        Assert.Contains($"PUT it to /v1/blobs/{Hash(value)}", (string)problem["detail"]!, StringComparison.Ordinal);
        // Nothing of the batch was taken.
        Assert.Empty(await server.LinesAsync(id));

        await PutAsync(Hash(value), value);
        Assert.Equal(200, (await server.AppendAsync(id, 0, $"[{{\"action_type\":\"first\"}},{step}]")).Status);
        Assert.Equal(Hash(value), (string)JsonNode.Parse((await server.LinesAsync(id))[1])!["observation_snapshot"]!["page"]![0]!["$blob"]!);
    }

    [Fact]
    public async Task AppendToMany_OfWhichOneNamesAnUnknownBlob_RefusesThatOneAlone()
    {
        var value = Value(300_000, 8);
        var (one, other) = (await server.BeginAsync("one"), await server.BeginAsync("other"));
        var body = $"{{\"episode_id\":\"{one}\",\"ordinal\":0,\"step\":{Step(value)}}}\n{{\"episode_id\":\"{other}\",\"ordinal\":0,\"step\":{{\"action_type\":\"a\"}}}}\n";

        var before = await ManyAsync(body);
        await PutAsync(Hash(value), value);
        var after = await ManyAsync(body);

        Assert.Equal(("unknown_blob", false), ((string)before[one]["code"]!, (bool)before[one]["retry"]!));
        Assert.Contains(Hash(value), (string)before[one]["detail"]!, StringComparison.Ordinal);
        Assert.Equal(1, (long)before[other]["next_ordinal"]!);
        Assert.Equal((1, 0, 1), ((long)after[one]["next_ordinal"]!, (int)after[one]["duplicates"]!, (int)after[other]["duplicates"]!));
    }

    [Fact]
    public async Task Restart_BetweenPutAndStep_LosesNothingAndABlobWithoutAStepIsHarmless()
    {
        var (value, unused) = (Value(300_000, 9), Value(300_000, 10));
        var id = await server.BeginAsync("restart");
        await PutAsync(Hash(value), value);
        await PutAsync(Hash(unused), unused);

        await server.DisposeAsync();
        server = await SiloServer.StartAsync(directory.Path);

        Assert.Equal(200, (await server.AppendAsync(id, 0, Step(value))).Status);
        Assert.Equal(value, await server.Client.GetByteArrayAsync(Path(value)));
        Assert.Equal(unused, await server.Client.GetByteArrayAsync(Path(unused)));
        Assert.Equal(200, (await server.PostAsync($"/v1/episodes/{id}/end", """{"next_ordinal":1}""")).Status);
    }

    private static string Path(byte[] value) => $"/v1/blobs/{Hash(value)}";

    private static string Step(byte[] value) =>
        $$$"""{"action_type":"read","observation_snapshot":{"page":[{"$blob":"{{{Hash(value)}}}","bytes":{{{value.Length}}},"media_type":"text/html"}]}}""";

    private static string Hash(byte[] value) => Convert.ToHexStringLower(SHA256.HashData(value));

    private static byte[] Value(int length, int seed)
    {
        var value = new byte[length];
        new Random(seed).NextBytes(value);
        return value;
    }

    private async Task<(int Status, JsonNode? Json)> PutAsync(string name, byte[] value)
    {
        using var content = new ByteArrayContent(value);
        using var response = await server.Client.PutAsync($"/v1/blobs/{name}", content);
        return ((int)response.StatusCode, JsonNode.Parse(await response.Content.ReadAsStringAsync()));
    }

    private async Task<Dictionary<string, JsonNode>> ManyAsync(string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/x-ndjson");
        using var response = await server.Client.PostAsync("/v1/steps", content);
        var lines = (await response.Content.ReadAsStringAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return lines.Select(line => JsonNode.Parse(line)!).ToDictionary(line => (string)line["episode_id"]!);
    }

    private string[] Files()
    {
        var blobs = System.IO.Path.Combine(directory.Path, "archive", "projects", "default", "blobs");
        return Directory.Exists(blobs) ? Directory.GetFiles(blobs, "*", SearchOption.AllDirectories) : [];
    }
}
