using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Rollbook.Access;

namespace Rollbook.Silo.Http;

/// <summary>
/// Accepts the tokens of one issuer. A token that was accepted is known by its hash until it expires, so that a request costs a hash and not a signature.
/// </summary>
/// <remarks>The library behind ASP.NET Core's own bearer handler, without that handler: it would make and fill a dozen objects for each request.</remarks>
internal sealed class TokenGate : IDisposable
{
    private const int MostKnown = 10_000;
    private const int MaxBytes = 8 * 1024;

    private readonly JwtOptions options;
    private readonly TimeProvider time;
    private readonly JsonWebTokenHandler handler = new() { MapInboundClaims = false, MaximumTokenSizeInBytes = MaxBytes };
    private readonly ConcurrentDictionary<UInt128, (Caller Caller, DateTimeOffset Until)> known = new();
    private readonly IssuerKeys? issuer;
    private readonly TokenValidationParameters? rules;

    /// <summary>A gate for the configured issuer, or one that accepts nothing.</summary>
    public TokenGate(IOptions<AccessOptions> access, TimeProvider time, ILogger<TokenGate> log)
    {
        (options, this.time) = (access.Value.Jwt, time);
        if (options.Issuer.Length == 0) return;
        issuer = new IssuerKeys(options.MetadataAddress ?? $"{options.Issuer.TrimEnd('/')}/.well-known/openid-configuration", time, log);
        rules = new TokenValidationParameters
        {
            // Exactly what is configured, whatever the issuer's document says of itself.
            IssuerValidator = (named, _, _) => named == options.Issuer ? named : throw new SecurityTokenInvalidIssuerException("It is another issuer's."),
            ValidAudience = options.Audience,
            ValidAlgorithms = options.Algorithms.Count > 0 ? options.Algorithms : ["RS256", "PS256", "ES256"],
            RequireSignedTokens = true,
            RequireExpirationTime = true,
            LifetimeValidator = IsAlive,
        };
    }

    /// <summary>Whether an issuer is configured.</summary>
    public bool IsOpen => rules is not null;

    /// <summary>The caller of a token, or why it is not accepted.</summary>
    public ValueTask<Admission> AdmitAsync(ReadOnlyMemory<char> token)
    {
        if (rules is null || token.Length > MaxBytes) return new(Refused("It is too long."));
        var hash = Hash(token.Span);
        if (known.TryGetValue(hash, out var found) && found.Until > time.GetUtcNow()) return new(Admission.Of(found.Caller));
        return ValidateAsync(token.ToString(), hash);
    }

    /// <summary>The caller of a token that came over the Orleans gateway: a <see cref="TokenCheck"/>.</summary>
    public async ValueTask<Caller> CallerOfAsync(ReadOnlyMemory<char> token)
    {
        var admission = IsOpen ? await AdmitAsync(token) : Admission.Unknown("The API key is not one of this recorder, which takes no issuer's tokens. Check the client's ApiKey.");
        return admission.Caller ?? throw new AccessDeniedException(AccessDeniedException.Unauthenticated, admission.Detail!);
    }

    /// <inheritdoc/>
    public void Dispose() => issuer?.Dispose();

    private static UInt128 Hash(ReadOnlySpan<char> token)
    {
        Span<byte> bytes = stackalloc byte[MaxBytes];
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        // A token is ASCII; what is not has no valid signature, and its question marks are hashed for nothing.
        SHA256.HashData(bytes[..Encoding.ASCII.GetBytes(token, bytes)], digest);
        return System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(digest);
    }

    private static Admission Refused(string why) => Admission.Unknown($"The token is not accepted. {why} Ask the issuer for a new one.");

    private async ValueTask<Admission> ValidateAsync(string token, UInt128 hash)
    {
        var keys = await issuer!.FindAsync();
        var result = await ValidateAsync(token, keys);
        // Of a key that isn't known: the issuer may have changed its keys since they were read.
        if (result.Exception is SecurityTokenSignatureKeyNotFoundException && await issuer.OtherThanAsync(keys) is { } others) result = await ValidateAsync(token, others);
        if (!result.IsValid) return Refused(result.Exception is SecurityTokenExpiredException ? "It has expired." : "Its signature, issuer, audience or time is not what this recorder asks for.");

        var read = (JsonWebToken)result.SecurityToken;
        if (CallerOf(read) is not { } caller) return Refused($"It names no project: the claim {options.ProjectClaim} must be a project's name.");
        if (known.Count >= MostKnown) known.Clear();
        known[hash] = (caller, new DateTimeOffset(read.ValidTo, TimeSpan.Zero).AddSeconds(options.ClockSkewSeconds));
        return Admission.Of(caller);
    }

    private Task<TokenValidationResult> ValidateAsync(string token, ICollection<SecurityKey> keys)
    {
        var with = rules!.Clone();
        with.IssuerSigningKeys = keys;
        return handler.ValidateTokenAsync(token, with);
    }

    private Caller? CallerOf(JsonWebToken token)
    {
        var project = token.TryGetPayloadValue<string>(options.ProjectClaim, out var named) ? named : options.Project;
        // Never of all projects: that is a key's right alone.
        if (project is null || !ProjectName.IsValid(project)) return null;
        var scopes = AccessScopes.None;
        IEnumerable<string> claims = options.ScopeClaims.Count > 0 ? options.ScopeClaims : ["roles", "scp", "scope"];
        foreach (var text in token.Claims.Where(claim => claims.Contains(claim.Type)).SelectMany(static claim => claim.Value.Split(' ')))
        {
            if (text.StartsWith(options.ScopePrefix, StringComparison.Ordinal)) scopes |= ScopeNames.Parse(text[options.ScopePrefix.Length..]);
        }

        return Caller.Of($"jwt:{token.Subject}", project, scopes);
    }

    private bool IsAlive(DateTime? notBefore, DateTime? expires, SecurityToken token, TokenValidationParameters parameters)
    {
        var now = time.GetUtcNow().UtcDateTime;
        var skew = TimeSpan.FromSeconds(options.ClockSkewSeconds);
        if (expires is not { } end || end + skew <= now) throw new SecurityTokenExpiredException("It has expired.");
        return notBefore is not { } begin || begin - skew <= now;
    }
}
