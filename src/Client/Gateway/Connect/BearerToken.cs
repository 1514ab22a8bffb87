namespace Rollbook.Client;

/// <summary>A token of the recorder's issuer, as <see cref="RollbookClientOptions.TokenProvider"/> gives it.</summary>
/// <param name="Value">The token; ASCII, 8 KiB at most.</param>
/// <param name="ExpiresAt">When its time is over: the issuer's word, which the client only takes to ask for the next one early enough.</param>
public sealed record BearerToken(string Value, DateTimeOffset ExpiresAt)
{
    /// <summary>Without the token, which is a secret.</summary>
    public override string ToString() => $"BearerToken {{ ExpiresAt = {ExpiresAt:O} }}";
}
