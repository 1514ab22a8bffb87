using Microsoft.Extensions.Options;
using Rollbook.Access;

namespace Rollbook.Silo.Http;

/// <summary>Checks the options of tokens; each message names the key and the cure.</summary>
internal sealed class JwtOptionsCheck : IValidateOptions<AccessOptions>
{
    /// <summary>Signatures by a private key. Never <c>none</c>, and no secret that both sides have.</summary>
    public static readonly IReadOnlyList<string> Algorithms = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"];

    private const string Section = $"{AccessOptions.Section}:Jwt";

    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, AccessOptions options)
    {
        var wrong = Problems(options.Jwt).ToList();
        return wrong.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(wrong);
    }

    private static IEnumerable<string> Problems(JwtOptions jwt)
    {
        if (jwt.ClockSkewSeconds is < 0 or > 120) yield return $"{Section}:ClockSkewSeconds is {jwt.ClockSkewSeconds}: give 0 to 120.";
        foreach (var algorithm in jwt.Algorithms.Where(static each => !Algorithms.Contains(each)))
            yield return $"{Section}:Algorithms has '{algorithm}': give some of {string.Join(", ", Algorithms)}.";
        if (jwt.Project is { } project && !ProjectName.IsValid(project)) yield return $"{Section}:Project is '{project}': it {ProjectName.Rule}.";
        if (jwt.Issuer.Length == 0)
        {
            if (jwt.Audience.Length > 0) yield return $"{Section}:Audience is given without an issuer: give {Section}:Issuer, or leave both out.";
            yield break;
        }

        if (!IsSafe(jwt.Issuer)) yield return $"{Section}:Issuer is '{jwt.Issuer}': give the issuer's https address as its tokens name it.";
        if (jwt.Audience.Length == 0) yield return $"{Section}:Audience is missing: give the recorder's application id, or every token of the issuer would be let in.";
        if (jwt.MetadataAddress is { } metadata && !IsSafe(metadata)) yield return $"{Section}:MetadataAddress is '{metadata}': give an https address.";
    }

    private static bool IsSafe(string address) => Uri.TryCreate(address, UriKind.Absolute, out var uri) && (uri.Scheme == "https" || (uri.Scheme == "http" && uri.IsLoopback));
}
