using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Rollbook.Silo.Tests.Http.Access;

/// <summary>An OpenID Connect issuer on loopback, with a key of its own.</summary>
internal sealed class TokenIssuer : IAsyncDisposable
{
    private readonly WebApplication app;
    private RsaSecurityKey key = new(RSA.Create(2048)) { KeyId = "k1" };

    private TokenIssuer(WebApplication app) => this.app = app;

    public string Address => app.Urls.First();

    /// <summary>How often the keys were asked for.</summary>
    public int Reads { get; private set; }

    /// <summary>How often anything was asked for.</summary>
    public int Asked { get; private set; }

    /// <summary>It gives no answer before this.</summary>
    public Task Silence { get; set; } = Task.CompletedTask;

    /// <summary>It only answers that it can't.</summary>
    public bool IsAway { get; set; }

    public static async Task<TokenIssuer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrel(static kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        var issuer = new TokenIssuer(app);
        app.Use(async (context, next) =>
        {
            issuer.Asked++;
            await issuer.Silence;
            if (issuer.IsAway) context.Response.StatusCode = StatusCodes.Status500InternalServerError;
            else await next(context);
        });
        app.MapGet("/.well-known/openid-configuration", () => Results.Json(new { issuer = issuer.Address, jwks_uri = $"{issuer.Address}/keys" }));
        app.MapGet("/keys", () =>
        {
            issuer.Reads++;
            var jwk = JsonWebKeyConverter.ConvertFromRSASecurityKey(new RsaSecurityKey(issuer.key.Rsa.ExportParameters(false)) { KeyId = issuer.key.KeyId });
            return Results.Text(JsonSerializer.Serialize(new { keys = new[] { new { kty = jwk.Kty, kid = jwk.Kid, n = jwk.N, e = jwk.E, use = "sig" } } }), "application/json");
        });
        await app.StartAsync();
        return issuer;
    }

    /// <summary>Signs with another key from now on, and publishes that one alone.</summary>
    public void ChangeKey(string id)
    {
        key.Rsa.Dispose();
        key = new RsaSecurityKey(RSA.Create(2048)) { KeyId = id };
    }

    /// <summary>A token.</summary>
    public string Token(
        string audience, IDictionary<string, object> claims, TimeSpan? life = null, string? issuer = null, string algorithm = "RS256", SecurityKey? signedBy = null)
    {
        var now = TimeProvider.System.GetUtcNow().UtcDateTime;
        var end = now + (life ?? TimeSpan.FromMinutes(5));
        return new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = issuer ?? Address,
            Audience = audience,
            Claims = claims,
            NotBefore = end.AddHours(-1),
            Expires = end,
            SigningCredentials = new SigningCredentials(signedBy ?? key, algorithm),
        });
    }

    public async ValueTask DisposeAsync()
    {
        key.Rsa.Dispose();
        await app.DisposeAsync();
    }
}
