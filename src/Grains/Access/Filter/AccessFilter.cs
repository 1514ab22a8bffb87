namespace Rollbook.Access;

/// <summary>
/// The second check behind the edge's: each call of a grain is limited to the project and the scopes of its caller. So a route that takes a project from elsewhere
/// finds nothing, and a client over the gateway needs a key or an issuer's token.
/// </summary>
/// <remarks>
/// Calls from one grain to another and calls of the recorder's own services have no caller. A call of the edge has the mark that the edge set. A call over the
/// gateway has a key or a token; whether it comes from there is told by its source, which a program that speaks the cluster's protocol by itself could forge: against such
/// stands the rule that silo and gateway ports are never public.
/// </remarks>
internal sealed class AccessFilter(KeyCopy keys, TimeProvider time, TokenCheck? tokens = null) : IIncomingGrainCallFilter
{
    /// <inheritdoc/>
    public Task Invoke(IIncomingGrainCallContext context)
    {
        if (context.SourceId is { } source && source.IsClient())
        {
            if (IsOutside(source)) return IsGreeting(context) ? context.Invoke() : InvokeFromOutsideAsync(context);
            // The mark was set by the edge of this cluster. None: a service of the recorder, which works for all.
            if (CallerMark.Find() is { } caller) Check(context, caller.Scopes, caller.Project, edge: true);
        }

        return context.Invoke();
    }

    // A silo's own client carries the silo's name.
    private static bool IsOutside(GrainId source) => !source.Key.AsSpan().StartsWith("hosted-"u8);

    // What every Orleans client asks while it connects, before a call of ours could carry a key: which grains there are. The library's interface is internal.
    private static bool IsGreeting(IIncomingGrainCallContext context) =>
        context.TargetId.IsSystemTarget() && context.InterfaceMethod.DeclaringType is { Name: "IClusterManifestSystemTarget", Namespace: "Orleans.Runtime" };

    private async Task InvokeFromOutsideAsync(IIncomingGrainCallContext context)
    {
        var caller = await CallerOfAsync(GatewayKey.Take());
        Check(context, caller.Scopes, caller.Project, edge: false);
        await context.Invoke();
    }

    private async ValueTask<Caller> CallerOfAsync(string? credential)
    {
        if (credential is null) throw Unknown("This recorder asks for an API key, and the client sent none. Set Rollbook:Client:ApiKey, or the client's TokenProvider.");
        if (tokens is not null && !credential.StartsWith(ApiKey.Begin, StringComparison.Ordinal)) return await tokens(credential.AsMemory());
        var held = await keys.FindAsync(credential.AsMemory()) ?? throw Unknown("The API key is not one of this recorder. Check Rollbook:Client:ApiKey.");
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        if (held.Refusal(now) is { } refusal) throw Unknown(refusal);
        held.Touch(now);
        return held.Caller;
    }

    private static AccessDeniedException Unknown(string message) => new(AccessDeniedException.Unauthenticated, message);

    private static void Check(IIncomingGrainCallContext context, AccessScopes scopes, string project, bool edge)
    {
        var type = context.InterfaceMethod.DeclaringType!;
        var rule = GrainCallRules.Of(type, context.MethodName);
        // Of what only the recorder calls the edge calls something, too: the keys' ring.
        if (rule == GrainCallRule.Inside && edge && !GrainCallRules.Knows(type, context.MethodName)) return;
        if (rule == GrainCallRule.Inside || (rule.NotByGateway && !edge)) throw new AccessDeniedException($"{type.Name}.{context.MethodName} is not called from outside.");

        if ((scopes & rule.AnyOf) == 0)
            throw new AccessDeniedException($"The credential has the scopes {ScopeNames.Text(scopes, ", ")}; {type.Name}.{context.MethodName} needs {ScopeNames.Text(rule.AnyOf, " or ")}. Use one with that scope.");
        var wanted = ProjectOf(context, type);
        if (wanted != project) throw new AccessDeniedException($"The credential is of the project {project}, and the call is to {wanted}. Set the client's Project to {project}, or use a credential of that project.");
    }

    private static string ProjectOf(IIncomingGrainCallContext context, Type type)
    {
        // Of all projects and all episodes: its key says nothing.
        if (type == typeof(IIngestGrain)) return context.Request.GetArgument(0) is StartEpisode started ? started.Project : ((IngestSteps)context.Request.GetArgument(0)!).Project;
        var key = context.TargetId.Key.ToString()!;
        if (type == typeof(IBlobGrain)) return BlobKey.Parse(key).Project;
        var project = type == typeof(IEpisodeGrain) ? EpisodeKey.Parse(key).Project : LoggerKey.ProjectOf(key);
        // A start names its project once more, and the episode is made under that name.
        var named = context.Request.GetArgumentCount() > 0 ? context.Request.GetArgument(0) switch
        {
            StartEpisode start => start.Project,
            ResumeEpisode resume => resume.Project,
            _ => project,
        }
        : project;
        return named == project ? project : $"{project} and {named}";
    }
}
