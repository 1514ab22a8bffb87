using System.Net;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Orleans.Configuration;
using Rollbook.Access;
using Rollbook.Client;

namespace Rollbook.Silo.Tests.Http.Access;

/// <summary>An issuer's tokens over the Orleans gateway: the same are let in as over HTTP, and the client gets new ones by itself.</summary>
public sealed class GatewayTokenTests : IAsyncLifetime
{
    private const string Audience = "api://rollbook";

    private TokenIssuer issuer = null!;
    private LockedServer server = null!;

    public async ValueTask InitializeAsync()
    {
        issuer = await TokenIssuer.StartAsync();
        server = await LockedServer.StartAsync(configure: builder => builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Rollbook:Access:Jwt:Issuer"] = issuer.Address,
            ["Rollbook:Access:Jwt:Audience"] = Audience,
        }));
    }

    public async ValueTask DisposeAsync()
    {
        await server.DisposeAsync();
        await issuer.DisposeAsync();
    }

    [Fact]
    public async Task Recording_WithAToken_GoesIntoItsProject_AndAsksTheIssuerOnce()
    {
        var token = issuer.Token(Audience, Claims("blue"));
        await using var client = await RollbookClient.ConnectAsync(Options("blue") with { ApiKey = token });
        await using var log = client.CreateLogger("w");
        var episode = await log.StartEpisodeAsync("task", "v");
        for (var i = 0; i < 20; i++) await log.RecordStepAsync(new Step { ActionType = "edit" });
        await log.EndEpisodeAsync(1);

        var (status, record) = await server.SendAsync(await server.KeyAsync("read", "blue"), HttpMethod.Get, $"/v1/episodes/{episode}");
        Assert.Equal((HttpStatusCode.OK, "completed", 20), (status, (string)record!["status"]!, record["steps"]!.AsArray().Count));
        Assert.Equal(1, issuer.Reads);
    }

    [Theory]
    [InlineData("another audience", "unauthenticated", "audience")]
    [InlineData("another issuer", "unauthenticated", "issuer")]
    [InlineData("expired", "unauthenticated", "expired")]
    [InlineData("nonsense", "unauthenticated", "not accepted")]
    [InlineData("too long", "unauthenticated", "too long")]
    [InlineData("another project", "forbidden", "project blue")]
    [InlineData("missing scope", "forbidden", "needs ingest")]
    public async Task Start_WithATokenThatIsNotRight_IsRefusedAtOnce(string what, string code, string text)
    {
        var token = what switch
        {
            "another audience" => issuer.Token("api://other", Claims("blue")),
            "another issuer" => issuer.Token(Audience, Claims("blue"), issuer: "https://evil.example"),
            "expired" => issuer.Token(Audience, Claims("blue"), TimeSpan.FromMinutes(-2)),
            "nonsense" => "a.b.c",
            "too long" => issuer.Token(Audience, Claims("blue")) + new string('a', 9000),
            "missing scope" => issuer.Token(Audience, Claims("blue", "rollbook.read")),
            _ => issuer.Token(Audience, Claims("blue")),
        };
        await using var client = await RollbookClient.ConnectAsync(Options(what == "another project" ? "green" : "blue") with { ApiKey = token });
        await using var log = client.CreateLogger("w");
        var refused = await Assert.ThrowsAsync<RefusedException>(async () => await log.StartEpisodeAsync("task", "v"));
        Assert.Equal(code, refused.Code);
        Assert.Contains(text, refused.Message, StringComparison.Ordinal);
        // The same as over HTTP; only there a project comes from the credential alone.
        if (what != "another project")
            Assert.Equal(code == "forbidden" ? HttpStatusCode.Forbidden : HttpStatusCode.Unauthorized, (await server.SendAsync(token, HttpMethod.Post, "/v1/workers/w/episodes", """{"task":"t","variant_id":"v"}""")).Status);
    }

    [Fact]
    public async Task Recording_WhenTheTokenIsRefusedMeanwhile_GetsAnotherAndLosesNothing()
    {
        // Of what a provider gives nothing but the recorder knows the kind: a key can be revoked, which a token can't.
        var revoked = await server.KeyAsync("ingest read", "blue");
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var given = new List<string>();
        await using var client = await ConnectAsync(time, () =>
        {
            given.Add(given.Count == 0 ? revoked : issuer.Token(Audience, Claims("blue")));
            return new BearerToken(given[^1], time.GetUtcNow().AddMinutes(10));
        });
        await using var log = client.CreateLogger("w");
        var episode = await log.StartEpisodeAsync("task", "v");
        await log.RecordStepAsync(new Step { ActionType = "first" });
        Assert.Equal(HttpStatusCode.OK, (await server.SendAsync(server.AdminKey, HttpMethod.Delete, $"/v1/keys/{ApiKey.IdOf(revoked)}")).Status);
        time.Advance(TimeSpan.FromSeconds(2));

        await log.RecordStepAsync(new Step { ActionType = "second" });
        await log.EndEpisodeAsync(1);

        Assert.Equal(2, given.Count);
        Assert.Equal(["first", "second"], await ActionsAsync(episode));
    }

    [Fact]
    public async Task Recording_WhileTokensAreRefreshed_UsesTheNextBeforeTheOldEnds()
    {
        var first = await server.KeyAsync("ingest read", "blue");
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var given = 0;
        var second = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var client = await ConnectAsync(time, () =>
        {
            if (++given == 2) second.SetResult();
            return new BearerToken(given == 1 ? first : issuer.Token(Audience, Claims("blue")), time.GetUtcNow().AddMinutes(10));
        });
        await using var log = client.CreateLogger("w");
        var episode = await log.StartEpisodeAsync("task", "v");
        for (var i = 0; i < 10; i++)
        {
            if (i == 5) time.Advance(TimeSpan.FromMinutes(9));
            await log.RecordStepAsync(new Step { ActionType = $"{i}" });
            if (i == 5) await second.Task.WaitAsync(TimeSpan.FromSeconds(30));
        }

        await log.EndEpisodeAsync(1);
        Assert.Equal(2, given);
        Assert.Equal(Enumerable.Range(0, 10).Select(static i => $"{i}"), await ActionsAsync(episode));
    }

    [Fact]
    public async Task Start_WhenTheProviderFails_IsLikeNoAnswer()
    {
        await using var client = await ConnectAsync(TimeProvider.System, static () => throw new IOException("the issuer is away"));
        await using var log = client.CreateLogger("w");
        var failure = await Assert.ThrowsAsync<UnavailableException>(async () => await log.StartEpisodeAsync("task", "v"));
        Assert.Contains("the issuer is away", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Options_WithAKeyAndAProvider_AreRefused()
    {
        var options = Options("blue") with { ApiKey = "rb_x", TokenProvider = static _ => new(new BearerToken("t", default)) };
        var wrong = await Assert.ThrowsAsync<OptionsValidationException>(async () => await RollbookClient.ConnectAsync(options));
        Assert.Contains("give one of them", wrong.Message, StringComparison.Ordinal);
    }

    private static Dictionary<string, object> Claims(string project, string scopes = "rollbook.ingest rollbook.read") =>
        new() { ["sub"] = "trainer", ["scp"] = scopes, ["rollbook_project"] = project };

    private async Task<IEnumerable<string>> ActionsAsync(EpisodeId episode)
    {
        var (_, record) = await server.SendAsync(await server.KeyAsync("read", "blue"), HttpMethod.Get, $"/v1/episodes/{episode}");
        return record!["steps"]!.AsArray().Select(static step => (string)step!["action_type"]!);
    }

    private async Task<RollbookClient> ConnectAsync(TimeProvider time, Func<BearerToken> provider)
    {
        var options = Options("blue") with { TokenProvider = _ => new(provider()), GiveUpAfter = TimeSpan.Zero };
        var connection = await GatewayConnection.OpenAsync(options, null, time, default);
        return new RollbookClient(new ClientCore(connection.Client, ManyEpisodesTransport.Of(connection.Client, options, time), options, time), connection);
    }

    private RollbookClientOptions Options(string project) => new()
    {
        Gateways = $"127.0.0.1:{server.Server.Services.GetRequiredService<IOptions<EndpointOptions>>().Value.GatewayPort}",
        Project = project,
    };
}
