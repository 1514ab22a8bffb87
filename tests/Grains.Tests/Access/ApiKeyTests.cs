using System.Security.Cryptography;
using System.Text;
using Rollbook.Access;
using Xunit;

namespace Rollbook.Grains.Tests.Access;

public sealed class ApiKeyTests
{
    [Fact]
    public void New_HasTheFormAndTheHash()
    {
        var (id, key, hash) = ApiKey.New();
        Assert.Matches("^rb_[a-z2-7]{12}_[a-z2-7]{52}$", key);
        Assert.Equal(id, ApiKey.IdOf(key));
        Assert.Equal(SHA256.HashData(Encoding.UTF8.GetBytes(key)), hash);
        Assert.True(ApiKey.Has(key, hash));
        Assert.NotEqual(key, ApiKey.New().Key);
    }

    [Fact]
    public void Has_AnyOtherCharacter_IsFalse()
    {
        var (_, key, hash) = ApiKey.New();
        for (var i = 0; i < key.Length; i++)
            Assert.False(ApiKey.Has(key[..i] + (key[i] == 'a' ? 'b' : 'a') + key[(i + 1)..], hash));
        Assert.False(ApiKey.Has(key, new byte[32]));
        Assert.False(ApiKey.Has(key.ToUpperInvariant(), hash));
    }

    [Theory]
    [InlineData("")]
    [InlineData("rb_")]
    [InlineData("rb_aaaaaaaaaaaa")]
    [InlineData("rb_aaaaaaaaaaaa_short")]
    [InlineData("xx_aaaaaaaaaaaa_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    [InlineData("rb_aaaaaaaaaaaaxaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public void IdOf_WhatIsNoKey_IsNothing(string text)
    {
        Assert.True(ApiKey.IdOf(text).IsEmpty);
        // As long in bytes as a key, and longer than it in characters' bytes: neither is one.
        Assert.False(ApiKey.Has(text, new byte[32]));
        Assert.False(ApiKey.Has(new string('é', 68), new byte[32]));
    }
}
