using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Microsoft.IdentityModel.Tokens;
using Rollbook.Silo.Http;

namespace Rollbook.Silo.Tests.Http.Access;

/// <summary>Tokens of an issuer: what is let in, and all that is not.</summary>
public sealed class TokenTests : IAsyncLifetime
{
    private TokenIssuer issuer = null!;
    private LockedServer server = null!;

    private static Dictionary<string, object> Reader => new() { ["sub"] = "alice", ["roles"] = new[] { "rollbook.read", "other.admin", "rollbook.nonsense" }, ["rollbook_project"] = "blue" };

    public async ValueTask InitializeAsync()
    {
        issuer = await TokenIssuer.StartAsync();
        server = await LockedServer.StartAsync(configure: builder => builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Rollbook:Access:Jwt:Issuer"] = issuer.Address,
            ["Rollbook:Access:Jwt:Audience"] = "api://rollbook",
        }));
    }

    public async ValueTask DisposeAsync()
    {
        await server.DisposeAsync();
        await issuer.DisposeAsync();
    }

    [Fact]
    public async Task Token_ItsScopesAndProject_AreTheCallers()
    {
        var ours = await server.KeyAsync("ingest", "blue");
        Assert.Equal(HttpStatusCode.Created, (await server.SendAsync(ours, HttpMethod.Post, "/v1/workers/w/episodes", """{"task":"t","variant_id":"v"}""")).Status);
        var token = issuer.Token("api://rollbook", Reader);
        for (var i = 0; i < 5; i++) Assert.Equal(HttpStatusCode.OK, (await server.SendAsync(token, HttpMethod.Get, "/v1/workers/w")).Status);
        Assert.Equal(1, issuer.Reads);
        Assert.Equal(HttpStatusCode.Forbidden, (await server.SendAsync(token, HttpMethod.Get, "/v1/stats")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await server.SendAsync(token, HttpMethod.Get, "/v1/keys")).Status);

        var green = issuer.Token("api://rollbook", new Dictionary<string, object> { ["sub"] = "bob", ["scp"] = "rollbook.read rollbook.query", ["rollbook_project"] = "green" });
        Assert.Equal(HttpStatusCode.NotFound, (await server.SendAsync(green, HttpMethod.Get, "/v1/workers/w")).Status);
        Assert.Equal(HttpStatusCode.OK, (await server.SendAsync(green, HttpMethod.Get, "/v1/stats")).Status);
    }

    [Fact]
    public async Task Token_ThatIsNotWhatIsAskedFor_Is401()
    {
        using var other = RSA.Create(2048);
        var unsigned = $"{Part("""{"alg":"none","typ":"JWT"}""")}.{issuer.Token("api://rollbook", Reader).Split('.')[1]}.";
        var good = issuer.Token("api://rollbook", Reader);
        var claims = Reader;
        claims.Remove("rollbook_project");
        var all = Reader;
        all["rollbook_project"] = "*";
        var tokens = new Dictionary<string, string>
        {
            ["another audience"] = issuer.Token("api://other", Reader),
            ["another issuer"] = issuer.Token("api://rollbook", Reader, issuer: "https://evil.example"),
            ["expired beyond the skew"] = issuer.Token("api://rollbook", Reader, TimeSpan.FromMinutes(-2)),
            ["not begun"] = issuer.Token("api://rollbook", Reader, TimeSpan.FromHours(2)),
            ["another key"] = issuer.Token("api://rollbook", Reader, signedBy: new RsaSecurityKey(other) { KeyId = "k1" }),
            ["an algorithm that is not listed"] = issuer.Token("api://rollbook", Reader, algorithm: "RS512"),
            ["a secret that both sides know"] = issuer.Token("api://rollbook", Reader, algorithm: "HS256", signedBy: new SymmetricSecurityKey(Encoding.UTF8.GetBytes(new string('k', 64))) { KeyId = "k1" }),
            ["unsigned"] = unsigned,
            ["a changed payload"] = $"{good.Split('.')[0]}.{Part("""{"sub":"root"}""")}.{good.Split('.')[2]}",
            ["no project"] = issuer.Token("api://rollbook", claims),
            ["all projects"] = issuer.Token("api://rollbook", all),
            ["too long"] = good + new string('a', 9000),
            ["nonsense"] = "a.b.c",
        };
        foreach (var (what, token) in tokens)
            Assert.Equal((what, HttpStatusCode.Unauthorized), (what, (await server.SendAsync(token, HttpMethod.Get, "/v1/workers")).Status));
        Assert.Equal(HttpStatusCode.OK, (await server.SendAsync(good, HttpMethod.Get, "/v1/workers")).Status);
        Assert.Equal(HttpStatusCode.OK, (await server.SendAsync(issuer.Token("api://rollbook", Reader, TimeSpan.FromSeconds(-20)), HttpMethod.Get, "/v1/workers")).Status);
    }

    [Fact]
    public async Task Token_ThatWasAccepted_IsRefusedWhenItsTimeIsOver()
    {
        var options = new AccessOptions();
        (options.Jwt.Issuer, options.Jwt.Audience) = (issuer.Address, "api://rollbook");
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        using var gate = new TokenGate(Options.Create(options), time, NullLogger<TokenGate>.Instance);
        var token = issuer.Token("api://rollbook", Reader, TimeSpan.FromMinutes(5)).AsMemory();
        Assert.Equal("jwt:alice", (await gate.CallerOfAsync(token)).Name);
        // Five minutes and the skew.
        time.Advance(TimeSpan.FromSeconds(358));
        Assert.True(gate.CallerOfAsync(token).IsCompletedSuccessfully);
        time.Advance(TimeSpan.FromSeconds(3));
        var refused = await Assert.ThrowsAsync<AccessDeniedException>(async () => await gate.CallerOfAsync(token));
        Assert.Equal(AccessDeniedException.Unauthenticated, refused.Code);
        Assert.Contains("expired", refused.Message, StringComparison.Ordinal);
        Assert.Null((await gate.AdmitAsync(token)).Caller);
    }

    [Fact]
    public async Task Token_WhileTheIssuerIsAway_Is503_AndKeysGoOn()
    {
        await using var away = await TokenIssuer.StartAsync();
        await using var alone = await LockedServer.StartAsync(configure: builder => builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Rollbook:Access:Jwt:Issuer"] = away.Address,
            ["Rollbook:Access:Jwt:MetadataAddress"] = $"{away.Address}/nothing",
            ["Rollbook:Access:Jwt:Audience"] = "a",
        }));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await alone.SendAsync(away.Token("a", Reader), HttpMethod.Get, "/v1/workers")).Status);
        Assert.Equal(HttpStatusCode.OK, (await alone.SendAsync(alone.AdminKey, HttpMethod.Get, "/v1/workers")).Status);
    }

    [Theory]
    [InlineData("http://issuer.example", "a", "RS256", 60, "https address")]
    [InlineData("https://issuer.example", "", "RS256", 60, "Audience is missing")]
    [InlineData("", "a", "RS256", 60, "without an issuer")]
    [InlineData("https://issuer.example", "a", "HS256", 60, "HS256")]
    [InlineData("https://issuer.example", "a", "none", 60, "none")]
    [InlineData("https://issuer.example", "a", "RS256", 121, "0 to 120")]
    public void Options_ThatAreNotSafe_AreRefused_WithTheCure(string address, string audience, string algorithm, int skew, string text)
    {
        var options = new AccessOptions();
        (options.Jwt.Issuer, options.Jwt.Audience, options.Jwt.ClockSkewSeconds) = (address, audience, skew);
        options.Jwt.Algorithms.Add(algorithm);
        Assert.Contains(text, new JwtOptionsCheck().Validate(null, options).FailureMessage, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_AsTheDocumentsShowThem_AreTaken()
    {
        var options = new AccessOptions();
        (options.Jwt.Issuer, options.Jwt.Audience) = ("https://login.microsoftonline.com/t/v2.0", "api://rollbook");
        Assert.Equal(ValidateOptionsResult.Success, new JwtOptionsCheck().Validate(null, options));
    }

    private static string Part(string json) => Base64UrlEncoder.Encode(json);
}
