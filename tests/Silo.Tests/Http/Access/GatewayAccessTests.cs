using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Rollbook.Client;

namespace Rollbook.Silo.Tests.Http.Access;

/// <summary>Clients over the Orleans gateway need a key like everybody else, and see the same.</summary>
public sealed class GatewayAccessTests : IAsyncLifetime
{
    private LockedServer server = null!;

    public async ValueTask InitializeAsync() => server = await LockedServer.StartAsync();

    public async ValueTask DisposeAsync() => await server.DisposeAsync();

    [Fact]
    public async Task Recording_WithAKey_GoesIntoItsProject()
    {
        var key = await server.KeyAsync("ingest read", "blue");
        await using var client = await ConnectAsync(key, "blue");
        await using var log = client.CreateLogger("w");
        var episode = await log.StartEpisodeAsync("task", "v");
        await log.RecordStepAsync(new Step { ActionType = "edit" });
        await log.EndEpisodeAsync(1);

        var (status, record) = await server.SendAsync(key, HttpMethod.Get, $"/v1/episodes/{episode}");
        Assert.True(status == System.Net.HttpStatusCode.OK, $"{status} {episode}");
        Assert.Equal(("completed", 1), ((string)record!["status"]!, record["steps"]!.AsArray().Count));
    }

    [Theory]
    [InlineData(null, "blue", "ApiKey")]
    [InlineData("ingest", "default", "project blue")]
    [InlineData("read", "blue", "needs ingest")]
    public async Task Start_WithoutARightKey_IsRefusedAtOnce(string? scopes, string project, string text)
    {
        await using var client = await ConnectAsync(scopes is null ? null : await server.KeyAsync(scopes, "blue"), project);
        await using var log = client.CreateLogger("w");
        var refused = await Assert.ThrowsAsync<RefusedException>(async () => await log.StartEpisodeAsync("task", "v"));
        Assert.Contains(text, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Step_WhenTheKeyIsRevokedMeanwhile_StaysInTheLogger()
    {
        var key = await server.KeyAsync("ingest read");
        await using var client = await ConnectAsync(key, "default");
        var log = client.CreateLogger("w");
        await log.StartEpisodeAsync("task", "v");
        await log.RecordStepAsync(new Step { ActionType = "first" });
        Assert.Equal(System.Net.HttpStatusCode.OK, (await server.SendAsync(server.AdminKey, HttpMethod.Delete, $"/v1/keys/{Rollbook.Access.ApiKey.IdOf(key)}")).Status);

        var refused = await Assert.ThrowsAsync<UnavailableException>(async () => await log.RecordStepAsync(new Step { ActionType = "second" }));
        Assert.Contains("revoked", refused.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<UnavailableException>(async () => await log.DisposeAsync());
    }

    [Fact]
    public async Task Grain_ThatIsNotForOutside_IsRefused()
    {
        var key = await server.KeyAsync("ingest read query export delete admin");
        await using var connection = await GatewayConnection.OpenAsync(Options(key, "default"), null, TimeProvider.System, default);
        var episode = connection.Client.GetGrain<IEpisodeGrain>($"default/{EdgeServer.Id}");
        await Assert.ThrowsAsync<AccessDeniedException>(async () => await episode.Nudge());
        // The edge calls it for a deletion; by itself it would only take an episode out of the worker's history.
        await Assert.ThrowsAsync<AccessDeniedException>(async () => await connection.Client.GetGrain<ILoggerGrain>("w").Drop(EpisodeId.Parse(EdgeServer.Id)));
        await Assert.ThrowsAsync<AccessDeniedException>(async () => await connection.Client.GetGrain<Orleans.Runtime.IManagementGrain>(0).GetHosts());
        Assert.Equal(RollbookCode.EpisodeNotFound, (await episode.Read()).Code);
    }

    private async Task<RollbookClient> ConnectAsync(string? key, string project) => await RollbookClient.ConnectAsync(Options(key, project));

    private RollbookClientOptions Options(string? key, string project) => new()
    {
        Gateways = $"127.0.0.1:{server.Server.Services.GetRequiredService<IOptions<EndpointOptions>>().Value.GatewayPort}",
        ApiKey = key,
        Project = project,
    };
}
