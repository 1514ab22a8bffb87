using Microsoft.Extensions.Options;
using Rollbook.Access;

namespace Rollbook.Silo.Http;

/// <summary>Finds out who sends a request, from its header <c>Authorization</c> alone: never from the query, which stands in logs.</summary>
internal sealed class AccessGate(IOptions<AccessOptions> options, KeyCopy keys, TokenGate tokens, TimeProvider time)
{
    private const string Scheme = "Bearer ";
    private const string Cure = "Send it as Authorization: Bearer KEY; the clients take it from ROLLBOOK_API_KEY.";

    /// <summary>Whether nobody is asked for a credential.</summary>
    public bool IsOpen { get; } = !options.Value.Required;

    /// <summary>The caller of a request, or why there is none.</summary>
    public ValueTask<Admission> AdmitAsync(HttpContext context)
    {
        var headers = context.Request.Headers.Authorization;
        if (headers.Count == 0) return new(Admission.Unknown($"This recorder asks for an API key, and none was sent. {Cure}"));
        var header = headers.Count == 1 ? headers[0] : null;
        if (header is null || !header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
            return new(Admission.Unknown($"The header Authorization is not one bearer token. {Cure}"));
        var token = header.AsMemory(Scheme.Length).Trim();
        if (tokens.IsOpen && !token.Span.StartsWith(ApiKey.Begin, StringComparison.Ordinal)) return tokens.AdmitAsync(token);
        var found = keys.FindAsync(token);
        return found.IsCompletedSuccessfully ? new(Judge(found.Result)) : AwaitAsync(found);
    }

    private async ValueTask<Admission> AwaitAsync(ValueTask<HeldKey?> found)
    {
        try
        {
            return Judge(await found);
        }
        catch (KeysUnavailableException)
        {
            throw new RefusedException(ProblemKind.Of(RollbookCode.Unavailable), "The API keys can't be read at the moment. Nothing was done: send the same again.");
        }
    }

    private Admission Judge(HeldKey? held)
    {
        // One answer for all that is not known: it tells nothing of which ids there are.
        if (held is null) return Admission.Unknown($"The API key is not one of this recorder. {Cure}");
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        if (held.Refusal(now) is { } refusal) return Admission.Unknown(refusal);
        held.Touch(now);
        return Admission.Of(held.Caller);
    }
}
