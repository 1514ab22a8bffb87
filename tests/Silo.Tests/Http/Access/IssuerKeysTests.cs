using System.Security.Cryptography;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Microsoft.IdentityModel.Tokens;
using Rollbook.Silo.Http;

namespace Rollbook.Silo.Tests.Http.Access;

/// <summary>When the issuer's keys are read, and what callers get while they can't be.</summary>
public sealed class IssuerKeysTests : IAsyncLifetime
{
    private const string Audience = "api://rollbook";
    private readonly FakeTimeProvider time = new(TimeProvider.System.GetUtcNow());
    private TokenIssuer issuer = null!;
    private TokenGate gate = null!;
    private int subjects;

    public async ValueTask InitializeAsync()
    {
        issuer = await TokenIssuer.StartAsync();
        var options = new AccessOptions();
        (options.Jwt.Issuer, options.Jwt.Audience) = (issuer.Address, Audience);
        gate = new TokenGate(Options.Create(options), time, NullLogger<TokenGate>.Instance);
    }

    public async ValueTask DisposeAsync()
    {
        gate.Dispose();
        await issuer.DisposeAsync();
    }

    [Fact]
    public async Task Token_OfTheIssuersNextKey_IsAcceptedAtOnce_ByOneRead()
    {
        Assert.True(await IsAcceptedAsync(Token()));
        issuer.ChangeKey("k2");
        Assert.All(await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => IsAcceptedAsync(Token()))), Assert.True);
        Assert.Equal(2, issuer.Reads);
    }

    [Fact]
    public async Task Token_OfAKeyThatThereIsNot_IsRefused_AndReadsOnceIn30Seconds()
    {
        using var other = RSA.Create(2048);
        Assert.True(await IsAcceptedAsync(Token()));
        for (var i = 0; i < 5; i++) Assert.False(await IsAcceptedAsync(Token(new RsaSecurityKey(other) { KeyId = $"x{i}" })));
        Assert.Equal(2, issuer.Reads);
        time.Advance(TimeSpan.FromSeconds(30));
        issuer.ChangeKey("k2");
        Assert.True(await IsAcceptedAsync(Token()));
        Assert.Equal(3, issuer.Reads);
    }

    [Fact]
    public async Task Token_OfAnUnknownKeyWhileTheIssuerIsAway_IsUnavailable_AndOthersGoOn()
    {
        Assert.True(await IsAcceptedAsync(Token()));
        var before = Token();
        issuer.ChangeKey("k2");
        issuer.IsAway = true;
        await Assert.ThrowsAsync<RefusedException>(async () => await IsAcceptedAsync(Token()));
        Assert.True(await IsAcceptedAsync(before));
        issuer.IsAway = false;
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(await IsAcceptedAsync(Token()));
    }

    [Fact]
    public async Task Tokens_WhileTheIssuerIsSilent_WaitTogether()
    {
        var answers = new TaskCompletionSource();
        issuer.Silence = answers.Task;
        var waiting = Enumerable.Range(0, 5).Select(_ => IsAcceptedAsync(Token())).ToList();
        time.Advance(TimeSpan.FromSeconds(5));
        foreach (var each in waiting) await Assert.ThrowsAsync<RefusedException>(() => each.WaitAsync(TimeSpan.FromSeconds(30)));
        // The request that they waited for is still on its way.
        var late = IsAcceptedAsync(Token());
        answers.SetResult();
        Assert.True(await late);
        Assert.Equal(1, issuer.Reads);
    }

    [Fact]
    public async Task Tokens_JustAfterAFailure_AreRefusedWithoutAsking()
    {
        issuer.IsAway = true;
        await Assert.ThrowsAsync<RefusedException>(async () => await IsAcceptedAsync(Token()));
        var asked = issuer.Asked;
        issuer.IsAway = false;
        var again = IsAcceptedAsync(Token());
        Assert.True(again.IsCompleted);
        await Assert.ThrowsAsync<RefusedException>(() => again);
        Assert.Equal(asked, issuer.Asked);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(await IsAcceptedAsync(Token()));
    }

    private async Task<bool> IsAcceptedAsync(string token) => (await gate.AdmitAsync(token.AsMemory())).Caller is not null;

    // Each another one: what was accepted once is known without a key.
    private string Token(SecurityKey? signedBy = null) =>
        issuer.Token(Audience, new Dictionary<string, object> { ["sub"] = $"s{subjects++}", ["roles"] = "rollbook.read", ["rollbook_project"] = "blue" }, signedBy: signedBy);
}
