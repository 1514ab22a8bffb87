using Rollbook.Access;

namespace Rollbook.Silo.Http;

/// <summary>API keys: made, listed, rotated, revoked.</summary>
internal static class KeysApi
{
    /// <summary>Maps the routes.</summary>
    public static void MapKeys(this IEndpointRouteBuilder routes)
    {
        var keys = routes.MapGroup("/v1/keys").WithTags("Keys");
        keys.MapPost("", CreateAsync).WithName("CreateKey").Requires(AccessScopes.Admin, audit: "key.create")
            .WithSummary("Makes an API key. The answer is the only one that ever holds it: what is stored is its hash.")
            .WithDescription("`scopes` are of ingest, read, query, export, delete, admin. `project` is the caller's where it is not given; another one, or `*` for all, needs a key of all projects.")
            .WithBody("{name, scopes, project?, expires_in_seconds?, requests_per_second?, bytes_per_second?}", "application/json")
            .Produces(201, contentType: "application/json").WithProblems(400, 403, 409, 413, 429, 503);
        keys.MapGet("", ListAsync).WithName("ListKeys").Requires(AccessScopes.Admin, audit: "key.list")
            .WithSummary("The keys of the caller's project, oldest first; of all projects for a key of all.")
            .WithDescription("`{items: [{id, prefix, name, project, scopes, state, created_at, created_by, expires_at, revoked_at, last_used_at, replaced_by, …}]}`; `state` is valid, expired or revoked. Revoked and expired ones are forgotten after 90 days, `last_used_at` is up to some minutes behind.")
            .Produces(200, contentType: "application/json").WithProblems(503);
        keys.MapPost("/{key_id}/rotate", RotateAsync).WithName("RotateKey").Requires(AccessScopes.Admin, audit: "key.rotate")
            .WithSummary("Makes a key with the same rights in the place of another, which is accepted for a while longer.")
            .WithDescription("`overlap_seconds` (default a day, at most 30 days) is that while.")
            .WithBody("{overlap_seconds?, expires_in_seconds?}", "application/json")
            .Produces(201, contentType: "application/json").WithProblems(400, 404, 409, 413, 429, 503);
        keys.MapDelete("/{key_id}", RevokeAsync).WithName("RevokeKey").Requires(AccessScopes.Admin, audit: "key.revoke")
            .WithSummary("Revokes a key: refused at once here, and within 5 s everywhere. A repeat changes nothing.")
            .Produces(200, contentType: "application/json").WithProblems(404, 429, 503);
    }

    private static async Task<IResult> CreateAsync(HttpContext http, KeyDesk desk, BodyReader bodies)
    {
        var caller = CallerProject.CallerOf(http);
        KeyRecord wanted;
        using (var body = await bodies.ReadAsync(http, BodyLimit.Small))
        {
            wanted = KeyBodies.ReadNew(body.Span, caller, desk.Now);
        }

        if (!caller.Manages(wanted.Project))
            throw new RefusedException(ProblemKind.Forbidden, $"The credential manages the project {caller.Project} alone. Leave project out, or use a key of all projects.");
        var (record, key) = await desk.CreateAsync(wanted, http);
        return Made(desk, record, key);
    }

    private static async Task<IResult> ListAsync(HttpContext http, KeyDesk desk)
    {
        var caller = CallerProject.CallerOf(http);
        var ring = await desk.ReadAsync();
        return new JsonReply(writer =>
        {
            writer.WriteStartObject();
            writer.WriteStartArray("items"u8);
            foreach (var key in ring.Keys.Where(key => caller.Manages(key.Project))) KeyWriter.Write(writer, key, desk.Now);
            writer.WriteEndArray();
            writer.WriteEndObject();
        });
    }

    private static async Task<IResult> RotateAsync(HttpContext http, [Microsoft.AspNetCore.Mvc.FromRoute(Name = "key_id")] string keyId, KeyDesk desk, BodyReader bodies)
    {
        (long Overlap, long? Life) wanted;
        using (var body = await bodies.ReadAsync(http, BodyLimit.Small))
        {
            wanted = KeyBodies.ReadRotation(body.Span);
        }

        var (record, key) = await desk.RotateAsync(keyId, wanted.Overlap, wanted.Life, http);
        return Made(desk, record, key);
    }

    private static async Task<IResult> RevokeAsync(HttpContext http, [Microsoft.AspNetCore.Mvc.FromRoute(Name = "key_id")] string keyId, KeyDesk desk)
    {
        var revoked = await desk.RevokeAsync(keyId, http);
        return new JsonReply(writer => KeyWriter.Write(writer, revoked, desk.Now));
    }

    private static JsonReply Made(KeyDesk desk, KeyRecord record, string key) =>
        new(writer => KeyWriter.Write(writer, record, desk.Now, key), StatusCodes.Status201Created);
}
