using System.Runtime.CompilerServices;

namespace Rollbook.Model.Tests.Explorer;

/// <summary>Two values in place: one for each of two actors, logs or projects.</summary>
[InlineArray(2)]
internal struct Two<T>
    where T : unmanaged
{
    private T first;
}

/// <summary>Three values in place.</summary>
[InlineArray(3)]
internal struct Three<T>
    where T : unmanaged
{
    private T first;
}

/// <summary>Four values in place.</summary>
[InlineArray(4)]
internal struct Four<T>
    where T : unmanaged
{
    private T first;
}
