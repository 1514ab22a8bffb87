using System.Reflection;
using Orleans;

namespace Rollbook.Grains.Tests.Access;

/// <summary>Hands out one grain, whatever is asked for.</summary>
public class FakeFactory : DispatchProxy
{
    private object grain = null!;

    public static IGrainFactory Of(object grain)
    {
        var factory = Create<IGrainFactory, FakeFactory>();
        ((FakeFactory)(object)factory).grain = grain;
        return factory;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => grain;
}
