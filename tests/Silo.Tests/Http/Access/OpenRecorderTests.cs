using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Rollbook.Silo.Hosting;
using Rollbook.Testing;

namespace Rollbook.Silo.Tests.Http.Access;

/// <summary>What a start gives: the open recorder of a laptop, the first key, a lost key.</summary>
public sealed class OpenRecorderTests
{
    [Fact]
    public async Task Open_WhateverKeyIsSent_ServesEverybody()
    {
        using var directory = new TempDirectory();
        await using var server = await SiloServer.StartAsync(directory.Path);
        Assert.Null(server.Services.GetRequiredService<AdminKey>().Take());
        server.Client.DefaultRequestHeaders.Authorization = new("Bearer", "rb_whatever");
        await server.BeginAsync("w");
        Assert.Equal(200, (await server.GetAsync("/v1/workers/w")).Status);
        using var health = await server.Client.GetAsync("/health/ready");
        Assert.Equal("""{"status":"ready"}""", await health.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Start_SecondTime_MakesNoKey_UnlessOneIsAskedFor()
    {
        using var directory = new TempDirectory();
        string first;
        await using (var server = await LockedServer.StartAsync(directory.Path)) first = server.AdminKey;
        Assert.NotEmpty(first);
        await using (var server = await LockedServer.StartAsync(directory.Path))
        {
            Assert.Empty(server.AdminKey);
            Assert.Equal(HttpStatusCode.OK, (await server.SendAsync(first, HttpMethod.Get, "/v1/keys")).Status);
        }

        await using (var server = await LockedServer.StartAsync(directory.Path, null, "--new-admin-key"))
        {
            Assert.Equal(HttpStatusCode.OK, (await server.SendAsync(first, HttpMethod.Get, "/v1/keys")).Status);
            var (_, keys) = await server.SendAsync(server.AdminKey, HttpMethod.Get, "/v1/keys");
            Assert.Equal(["first administrator", "administrator"], keys!["items"]!.AsArray().Select(static key => (string)key!["name"]!));
        }
    }

    [Fact]
    public async Task LastUse_IsWrittenAndListed()
    {
        await using var server = await LockedServer.StartAsync();
        var key = await server.KeyAsync("read");
        Assert.Null(Last(await ListAsync(server))["last_used_at"]);
        await server.SendAsync(key, HttpMethod.Get, "/v1/workers");
        await server.Server.Services.GetRequiredService<Rollbook.Silo.Http.KeyUseReport>().WriteAsync();
        Assert.NotNull(Last(await ListAsync(server))["last_used_at"]);
    }

    [Fact]
    public async Task Health_OpenToOthers_SaysSo()
    {
        using var directory = new TempDirectory();
        await using var server = await SiloServer.StartAsync(directory.Path, ["--urls", "http://0.0.0.0:0", "--insecure-i-understand"]);
        var port = server.Client.BaseAddress!.Port;
        using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        Assert.Equal(2, JsonNode.Parse(await client.GetStringAsync("/health/ready"))!["insecure"]!.AsArray().Count);
    }

    [Fact]
    public async Task Answers_OfEveryKind_HaveTheHeadersOfSafety()
    {
        await using var server = await LockedServer.StartAsync();
        foreach (var path in new[] { "/health/live", "/v1/workers", "/v1/nothing", "/v1/episodes/not-an-id", "/openapi/v1.json" })
        {
            using var response = await server.AnswerAsync(new("Bearer", server.AdminKey), HttpMethod.Get, path);
            Assert.Equal((path, "nosniff"), (path, response.Headers.GetValues("X-Content-Type-Options").Single()));
            Assert.Equal("default-src 'none'; frame-ancestors 'none'", response.Headers.GetValues("Content-Security-Policy").Single());
        }
    }

    private static async Task<JsonArray> ListAsync(LockedServer server) =>
        (await server.SendAsync(server.AdminKey, HttpMethod.Get, "/v1/keys")).Json!["items"]!.AsArray();

    private static JsonNode Last(JsonArray keys) => keys[^1]!;
}
