using Orleans;
using Rollbook.Access;
using Xunit;

namespace Rollbook.Grains.Tests.Access;

public sealed class GrainCallRulesTests
{
    [Fact]
    public void Rules_EveryMethodOfAPublicGrain_HasOne()
    {
        var methods = typeof(IEpisodeGrain).Assembly.GetTypes().Where(static type => type.IsInterface && typeof(IGrain).IsAssignableFrom(type))
            .SelectMany(static type => type.GetMethods(), static (type, method) => (type, method.Name)).ToList();
        Assert.True(methods.Count >= 20, $"only {methods.Count} methods");
        Assert.All(methods, static method => Assert.True(GrainCallRules.Knows(method.type, method.Name), $"{method.type.Name}.{method.Name} has no rule: say in GrainCallRules who may call it"));
    }

    [Fact]
    public void Of_WhatIsNotListed_IsNotForOutside() =>
        Assert.Equal(GrainCallRule.Inside, GrainCallRules.Of(typeof(IManagementGrain), nameof(IManagementGrain.ForceGarbageCollection)));
}
