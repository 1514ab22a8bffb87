using System.ComponentModel.DataAnnotations;

namespace Rollbook.Silo.Http;

/// <summary>Tokens of an OpenID Connect issuer, such as Entra ID, beside API keys: section <c>Rollbook:Access:Jwt</c>. Without an issuer none is accepted.</summary>
public sealed class JwtOptions
{
    /// <summary>The issuer, exactly as its tokens name it, such as <c>https://login.microsoftonline.com/{tenant}/v2.0</c>. Empty = no tokens.</summary>
    public string Issuer { get; set; } = "";

    /// <summary>The audience that tokens must be made for: the recorder's own application id.</summary>
    public string Audience { get; set; } = "";

    /// <summary>Where the issuer publishes its keys; null = <c>{Issuer}/.well-known/openid-configuration</c>. https, but on loopback.</summary>
    public string? MetadataAddress { get; set; }

    /// <summary>Signatures that are accepted, of RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512; empty = RS256, PS256 and ES256.</summary>
    public IList<string> Algorithms { get; } = [];

    /// <summary>How far the clocks may differ: 0 to 120 s. Default 60.</summary>
    [Range(0, 120)]
    public int ClockSkewSeconds { get; set; } = 60;

    /// <summary>The claims that name scopes, several in one text by spaces; empty = <c>roles</c>, <c>scp</c> and <c>scope</c>.</summary>
    public IList<string> ScopeClaims { get; } = [];

    /// <summary>What a scope's name begins with in the token: <c>rollbook.ingest</c>. Others are passed over.</summary>
    [Required]
    public string ScopePrefix { get; set; } = "rollbook.";

    /// <summary>The claim that names the project.</summary>
    [Required]
    public string ProjectClaim { get; set; } = "rollbook_project";

    /// <summary>The project of tokens without that claim; null = such a token is refused.</summary>
    public string? Project { get; set; }
}
