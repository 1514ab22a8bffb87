using System.Net;
using System.Net.Http.Headers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Rollbook.Access;
using Rollbook.Silo.Http;

namespace Rollbook.Silo.Tests.Http.Access;

/// <summary>T28: every route of the table refuses every credential that may not use it.</summary>
public sealed class RouteTableTests : IAsyncLifetime
{
    // What is open on purpose, and nothing else.
    private static readonly string[] Open = ["GET /health/live", "GET /health/ready", "GET /client", "GET /client/{file}", "GET /openapi/{documentName}.json"];

    private LockedServer server = null!;

    public async ValueTask InitializeAsync() => server = await LockedServer.StartAsync();

    public async ValueTask DisposeAsync() => await server.DisposeAsync();

    [Fact]
    public void Table_OpenRoutes_AreThoseThatAreMeant()
    {
        var routes = Routes().ToList();
        Assert.True(routes.Count >= 40, $"only {routes.Count} routes");
        Assert.Equal(Open.Order(), routes.Where(static route => route.Access.IsOpen).Select(static route => route.Name).Order());
    }

    [Fact]
    public async Task EveryRoute_NoOrWrongCredential_Is401()
    {
        var revoked = await server.KeyAsync("ingest read query export delete admin");
        Assert.Equal(HttpStatusCode.OK, (await server.SendAsync(server.AdminKey, HttpMethod.Delete, $"/v1/keys/{ApiKey.IdOf(revoked)}")).Status);
        var known = await server.KeyAsync("ingest read query export delete admin");
        var credentials = new Dictionary<string, AuthenticationHeaderValue?>
        {
            ["none"] = null,
            ["not a key"] = new("Bearer", "secret"),
            ["empty"] = new("Bearer"),
            ["another scheme"] = new("Basic", known),
            ["an id that there is not"] = new("Bearer", ApiKey.New().Key),
            ["a wrong secret"] = new("Bearer", known[..^1] + (known[^1] == 'a' ? 'b' : 'a')),
            ["a secret that is cut"] = new("Bearer", known[..^1]),
            ["expired"] = new("Bearer", await server.PutAsync(static key => key with { ExpiresAt = key.CreatedAt })),
            ["revoked"] = new("Bearer", revoked),
        };
        var asked = 0;
        foreach (var route in Routes().Where(static route => !route.Access.IsOpen))
        {
            foreach (var (what, credential) in credentials)
            {
                using var response = await server.AnswerAsync(credential, new HttpMethod(route.Method), route.Path, route.Body);
                Assert.True(response.StatusCode == HttpStatusCode.Unauthorized, $"{route.Name} answers {response.StatusCode} to {what}");
                Assert.Contains("Bearer", response.Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
                asked++;
            }
        }

        Assert.True(asked >= 35 * credentials.Count, $"only {asked} requests");
    }

    [Fact]
    public async Task EveryRoute_KeyWithAllOtherScopes_Is403()
    {
        foreach (var route in Routes().Where(static route => !route.Access.IsOpen))
        {
            var key = await server.PutAsync(key => key with { Scopes = AccessScopes.All & ~route.Access.AnyOf });
            using var response = await server.AnswerAsync(new AuthenticationHeaderValue("Bearer", key), new HttpMethod(route.Method), route.Path, route.Body);
            Assert.True(response.StatusCode == HttpStatusCode.Forbidden, $"{route.Name} answers {response.StatusCode} to a key without its scope");
        }
    }

    [Fact]
    public async Task EveryRoute_ReadOnlyKey_ChangesNothing()
    {
        var key = await server.KeyAsync("read");
        foreach (var route in Routes().Where(static route => !route.Access.IsOpen && !HttpMethods.IsGet(route.Method) && !HttpMethods.IsHead(route.Method)))
            Assert.Equal((route.Name, HttpStatusCode.Forbidden), (route.Name, (await server.SendAsync(key, new HttpMethod(route.Method), route.Path, route.Body)).Status));
    }

    [Fact]
    public async Task EveryRoute_OneOfItsScopes_IsLetThrough()
    {
        foreach (var route in Routes().Where(static route => !route.Access.IsOpen))
        {
            foreach (var scope in Enum.GetValues<AccessScopes>().Where(scope => scope is not (AccessScopes.None or AccessScopes.All) && (route.Access.AnyOf & scope) != 0))
            {
                var key = await server.PutAsync(key => key with { Scopes = scope });
                using var response = await server.AnswerAsync(new AuthenticationHeaderValue("Bearer", key), new HttpMethod(route.Method), route.Path, route.Body);
                Assert.True(response.StatusCode is not (HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden), $"{route.Name} answers {response.StatusCode} to {scope}");
            }
        }
    }

    [Fact]
    public async Task OpenRoutes_NoCredential_Answer()
    {
        foreach (var route in Routes().Where(static route => route.Access.IsOpen))
            Assert.DoesNotContain((await server.SendAsync(null, new HttpMethod(route.Method), route.Path)).Status, new[] { HttpStatusCode.Unauthorized, HttpStatusCode.Forbidden });
    }

    [Fact]
    public async Task PathThatThereIsNot_IsTold_OnlyWhomHasAKey()
    {
        Assert.Equal(HttpStatusCode.Unauthorized, (await server.SendAsync(null, HttpMethod.Get, "/v1/nothing")).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await server.SendAsync(null, HttpMethod.Put, "/v1/query")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await server.SendAsync(server.AdminKey, HttpMethod.Get, "/v1/nothing")).Status);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await server.SendAsync(server.AdminKey, HttpMethod.Put, "/v1/query")).Status);
    }

    [Fact]
    public void CheckAccess_RouteWithoutARule_NamesIt()
    {
        var app = WebApplication.CreateSlimBuilder().Build();
        app.MapGet("/forgotten", static () => "");
        Assert.Contains("/forgotten", Assert.Throws<InvalidOperationException>(app.CheckAccess).Message, StringComparison.Ordinal);
    }

    private IEnumerable<(string Name, string Method, string Path, string? Body, RouteAccess Access)> Routes()
    {
        foreach (var route in server.Server.Routes)
        {
            foreach (var method in route.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET"])
            {
                var pattern = "/" + route.RoutePattern.RawText!.Trim('/');
                var path = pattern.Replace("{worker}", "w", StringComparison.Ordinal).Replace("{id}", EdgeServer.Id, StringComparison.Ordinal)
                    .Replace("{receipt_id}", EdgeServer.Id, StringComparison.Ordinal).Replace("{key_id}", "aaaaaaaaaaaa", StringComparison.Ordinal)
                    .Replace("{sha256}", new string('0', 64), StringComparison.Ordinal).Replace("{file}", "f", StringComparison.Ordinal)
                    .Replace("{documentName}", "v1", StringComparison.Ordinal);
                Assert.DoesNotContain('{', path);
                yield return ($"{method} {pattern}", method, path, method is "GET" or "HEAD" ? null : "{}", route.Metadata.GetMetadata<RouteAccess>()!);
            }
        }
    }
}
