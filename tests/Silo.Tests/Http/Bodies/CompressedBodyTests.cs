using System.IO.Compression;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Rollbook.Silo.Http;
using Rollbook.Testing;
using ZstdSharp;
using ZstdSharp.Unsafe;

namespace Rollbook.Silo.Tests.Http.Bodies;

/// <summary>T25: compressed bodies, honest and not.</summary>
[Collection(nameof(AloneCollection))]
public sealed class CompressedBodyTests
{
    private const string Path = $"/v1/episodes/{EdgeServer.Id}/steps?from=0";

    public static TheoryData<string> Encodings => ["gzip", "zstd"];

    [Theory]
    [MemberData(nameof(Encodings))]
    public async Task Append_Compressed_IsTaken(string encoding)
    {
        await using var server = await EdgeServer.StartAsync();
        var body = Encoding.UTF8.GetBytes(string.Join('\n', Enumerable.Range(0, 5_000).Select(i => $"{{\"action_type\":\"a\",\"step_number\":{i}}}")));
        var (status, answer) = await SendAsync(server, Compress(encoding, body), encoding, StepsApi.Ndjson);
        Assert.Equal(200, status);
        Assert.Equal(5_000, (int)answer["next_ordinal"]!);
    }

    [Theory]
    [MemberData(nameof(Encodings))]
    public async Task Append_Bomb_IsTooLargeWithFlatMemory(string encoding)
    {
        await using var server = await EdgeServer.StartAsync();
        var bomb = Compress(encoding, new byte[256 * 1024 * 1024]);
        var before = GC.GetTotalAllocatedBytes(precise: true);
        var (status, answer) = await SendAsync(server, bomb, encoding);
        var allocated = GC.GetTotalAllocatedBytes(precise: true) - before;
        Assert.Equal((413, "too_large"), (status, (string)answer["code"]!));
        Assert.InRange(allocated, 0, 64 * 1024 * 1024);
        Figures.Report("T25", $"{encoding} bomb of 256 MiB in {bomb.Length / 1024} KiB: 413, {allocated / (1024 * 1024)} MiB allocated");
    }

    [Theory]
    [MemberData(nameof(Encodings))]
    public async Task Append_ExactlyTheLimitDecompressed_IsTaken(string encoding)
    {
        await using var server = await EdgeServer.StartAsync();
        var body = Encoding.ASCII.GetBytes("{\"action_type\":\"a\"}".PadRight(BodyReader.MaxBytes));
        Assert.Equal(200, (await SendAsync(server, Compress(encoding, body), encoding)).Status);
        body = Encoding.ASCII.GetBytes("{\"action_type\":\"a\"}".PadRight(BodyReader.MaxBytes + 1));
        Assert.Equal(413, (await SendAsync(server, Compress(encoding, body), encoding)).Status);
    }

    [Theory]
    [MemberData(nameof(Encodings))]
    public async Task Append_CutAnywhere_IsBadJson(string encoding)
    {
        await using var server = await EdgeServer.StartAsync();
        // NDJSON whose every line is valid: a body that is cut in silence would lose steps in silence.
        var random = new Random(25);
        var body = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, 400).Select(_ => $"{{\"action_type\":\"{random.NextInt64()}\"}}\n")));
        var whole = Compress(encoding, body);
        for (var cut = 1; cut < whole.Length; cut += 1 + (whole.Length / 40))
        {
            var (status, answer) = await SendAsync(server, whole[..cut], encoding, StepsApi.Ndjson);
            Assert.True(status == 400, $"cut at {cut} of {whole.Length}: {status}");
            Assert.Equal("bad_json", (string)answer["code"]!);
        }

        var (last, problem) = await SendAsync(server, whole[..^1], encoding, StepsApi.Ndjson);
        Assert.Equal((400, "bad_json"), (last, (string)problem["code"]!));
        Assert.Empty(server.Episode.Appends);
    }

    [Theory]
    [MemberData(nameof(Encodings))]
    public async Task Append_NestedOrGarbage_IsRefused(string encoding)
    {
        await using var server = await EdgeServer.StartAsync();
        var body = "{\"action_type\":\"a\"}"u8.ToArray();
        Assert.Equal(400, (await SendAsync(server, Compress(encoding, Compress(encoding, body)), encoding)).Status);
        Assert.Equal(400, (await SendAsync(server, body, encoding)).Status);
        Assert.Equal(400, (await SendAsync(server, new byte[1000], encoding)).Status);
        Assert.Equal(400, (await SendAsync(server, [], encoding)).Status);
        var damaged = Compress(encoding, Encoding.ASCII.GetBytes($"{{\"action_type\":\"{new string('a', 5_000)}\"}}"));
        damaged[damaged.Length / 2] ^= 0x55;
        Assert.Equal(400, (await SendAsync(server, damaged, encoding)).Status);
        Assert.Empty(server.Episode.Appends);
    }

    [Theory]
    [InlineData("br")]
    [InlineData("deflate")]
    [InlineData("gzip, gzip")]
    [InlineData("gzip, zstd")]
    [InlineData("chunked")]
    public async Task Append_OtherEncoding_IsUnsupported(string encoding)
    {
        await using var server = await EdgeServer.StartAsync();
        var (status, answer) = await SendAsync(server, "{\"action_type\":\"a\"}"u8.ToArray(), encoding);
        Assert.Equal((415, "unsupported_encoding"), (status, (string)answer["code"]!));
    }

    [Fact]
    public async Task Append_ZstdWithAHugeWindow_IsTooLarge()
    {
        await using var server = await EdgeServer.StartAsync();
        using var target = new MemoryStream();
        using (var zstd = new CompressionStream(target))
        {
            zstd.SetParameter(ZSTD_cParameter.ZSTD_c_windowLog, 27);
            zstd.Write("{\"action_type\":\""u8);
            for (var i = 0; i < 12; i++) zstd.Write(new byte[1 << 20]);
        }

        var (status, answer) = await SendAsync(server, target.ToArray(), "zstd");
        Assert.Equal((413, "too_large"), (status, (string)answer["code"]!));
    }

    private static byte[] Compress(string encoding, byte[] body)
    {
        using var target = new MemoryStream();
        using (Stream stream = encoding == "gzip" ? new GZipStream(target, CompressionLevel.Optimal) : new CompressionStream(target)) stream.Write(body);
        return target.ToArray();
    }

    private static async Task<(int Status, JsonNode Answer)> SendAsync(EdgeServer server, byte[] body, string encoding, string type = "application/json")
    {
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue(type);
        content.Headers.TryAddWithoutValidation("Content-Encoding", encoding);
        using var response = await server.Client.PostAsync(Path, content);
        return ((int)response.StatusCode, JsonNode.Parse(await response.Content.ReadAsStringAsync())!);
    }
}
