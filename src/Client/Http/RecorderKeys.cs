using System.Net.Http.Headers;

namespace Rollbook.Client;

/// <summary>
/// The recorder's API keys, as the JSON that it sent; needs a key with the scope <c>admin</c>. A key that is made stands in the answer to that one call and
/// nowhere else: where the answer is lost, a key may be left that nobody knows.
/// </summary>
public sealed class RecorderKeys
{
    private static readonly MediaTypeHeaderValue Json = new("application/json");

    private readonly HttpTries tries;

    internal RecorderKeys(HttpTries tries) => this.tries = tries;

    /// <summary>Makes a key.</summary>
    /// <param name="name">What it is for, 1 to 128 characters.</param>
    /// <param name="scopes">Of <c>ingest, read, query, export, delete, admin</c>.</param>
    /// <param name="project">Its project, <c>*</c> = all; null = the caller's.</param>
    /// <param name="life">For how long it is accepted, in whole seconds; null = for ever.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<byte[]> CreateJsonAsync(
        string name, IReadOnlyList<string> scopes, string? project = null, TimeSpan? life = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(scopes);
        return SendAsync(HttpMethod.Post, "v1/keys", HttpBodies.Write(json =>
        {
            json.WriteString("name", name);
            HttpBodies.Texts(json, "scopes", scopes);
            HttpBodies.Optional(json, "project", project);
            HttpBodies.Optional(json, "expires_in_seconds", Seconds(life));
        }), cancellationToken);
    }

    /// <summary>Lists the keys of the caller's project, or of all.</summary>
    public Task<byte[]> ListJsonAsync(CancellationToken cancellationToken = default) => SendAsync(HttpMethod.Get, "v1/keys", null, cancellationToken);

    /// <summary>Makes a key with the same rights in the place of another.</summary>
    /// <param name="id">The other's id.</param>
    /// <param name="overlap">For how long the other is still accepted, in whole seconds; null = a day.</param>
    /// <param name="life">For how long the new one is accepted; null = for ever.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<byte[]> RotateJsonAsync(string id, TimeSpan? overlap = null, TimeSpan? life = null, CancellationToken cancellationToken = default) =>
        SendAsync(HttpMethod.Post, $"v1/keys/{Uri.EscapeDataString(id)}/rotate", HttpBodies.Write(json =>
        {
            HttpBodies.Optional(json, "overlap_seconds", Seconds(overlap));
            HttpBodies.Optional(json, "expires_in_seconds", Seconds(life));
        }), cancellationToken);

    /// <summary>Revokes a key.</summary>
    public Task<byte[]> RevokeJsonAsync(string id, CancellationToken cancellationToken = default) =>
        SendAsync(HttpMethod.Delete, $"v1/keys/{Uri.EscapeDataString(id)}", null, cancellationToken);

    private static long? Seconds(TimeSpan? time) => time is { } given ? (long)given.TotalSeconds : null;

    private Task<byte[]> SendAsync(HttpMethod method, string path, byte[]? body, CancellationToken cancellationToken) =>
        tries.SendAsync(
            () =>
            {
                var message = new HttpRequestMessage(method, path);
                if (body is not null) message.Content = new ByteArrayContent(body) { Headers = { ContentType = Json } };
                return message;
            },
            static (response, token) => response.Content.ReadAsByteArrayAsync(token), keepOpen: false, cancellationToken);
}
