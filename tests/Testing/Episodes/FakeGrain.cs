using System.Reflection;

namespace Rollbook.Testing;

/// <summary>A grain of which only the calls that a test answers exist.</summary>
public class FakeGrain : DispatchProxy
{
    private Func<string, object?[], object?> answer = (name, _) => throw new NotSupportedException(name);

    /// <summary>A grain that answers by a function of the method's name and arguments.</summary>
    public static T Of<T>(Func<string, object?[], object?> answer)
        where T : class
    {
        var grain = Create<T, FakeGrain>();
        ((FakeGrain)(object)grain).answer = answer;
        return grain;
    }

    /// <inheritdoc/>
    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => answer(targetMethod!.Name, args ?? []);
}
