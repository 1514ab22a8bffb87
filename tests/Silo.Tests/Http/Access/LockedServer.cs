using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Rollbook.Access;
using Rollbook.Silo.Hosting;
using Rollbook.Testing;

namespace Rollbook.Silo.Tests.Http.Access;

/// <summary>The whole process on a directory of its own, asking for keys.</summary>
internal sealed class LockedServer : IAsyncDisposable
{
    private readonly TempDirectory? own;

    private LockedServer(SiloServer server, TempDirectory? own)
    {
        (Server, this.own) = (server, own);
        AdminKey = server.Services.GetRequiredService<AdminKey>().Take() ?? "";
    }

    public SiloServer Server { get; }

    /// <summary>The key that the first start made; empty at later ones.</summary>
    public string AdminKey { get; }

    public static async Task<LockedServer> StartAsync(string? directory = null, Action<WebApplicationBuilder>? configure = null, params string[] options)
    {
        var own = directory is null ? new TempDirectory() : null;
        return new LockedServer(await SiloServer.StartAsync(directory ?? own!.Path, ["--require-keys", .. options], configure), own);
    }

    /// <summary>Makes a key over the API.</summary>
    public async Task<string> KeyAsync(string scopes, string project = "default")
    {
        var names = string.Join(',', scopes.Split(' ').Select(static scope => $"\"{scope}\""));
        var (status, json) = await SendAsync(AdminKey, HttpMethod.Post, "/v1/keys", $$"""{"name":"of a test","scopes":[{{names}}],"project":"{{project}}"}""");
        Assert.True(status == HttpStatusCode.Created, $"{status}: {json}");
        return (string)json!["key"]!;
    }

    /// <summary>Puts a key into the ring as no request could.</summary>
    public async Task<string> PutAsync(Func<KeyRecord, KeyRecord> change)
    {
        var (id, key, hash) = ApiKey.New();
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        var record = change(new KeyRecord { Id = id, Hash = hash, Name = "put", Project = "default", Scopes = AccessScopes.All, CreatedAt = now, CreatedBy = "test" });
        Assert.Equal(KeyChange.Done, await Server.Services.GetRequiredService<IGrainFactory>().GetGrain<IKeyRingGrain>(0).Add(record, onlyFirst: false));
        await Server.Services.GetRequiredService<KeyCopy>().RenewAsync();
        return key;
    }

    /// <summary>Sends a request as somebody; null = with no credential.</summary>
    public async Task<(HttpStatusCode Status, JsonNode? Json)> SendAsync(string? key, HttpMethod method, string path, string? body = null, string type = "application/json")
    {
        using var response = await AnswerAsync(key is null ? null : new AuthenticationHeaderValue("Bearer", key), method, path, body, type);
        var text = await response.Content.ReadAsStringAsync();
        return (response.StatusCode, text.StartsWith('{') && !text.TrimEnd().Contains('\n', StringComparison.Ordinal) ? JsonNode.Parse(text) : null);
    }

    public Task<HttpResponseMessage> AnswerAsync(AuthenticationHeaderValue? authorization, HttpMethod method, string path, string? body = null, string type = "application/json")
    {
        var request = new HttpRequestMessage(method, path);
        request.Headers.Authorization = authorization;
        if (body is not null) request.Content = new StringContent(body, Encoding.UTF8, type);
        return Server.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        own?.Dispose();
    }
}
