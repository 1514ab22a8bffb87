using System.Globalization;

namespace Rollbook.Model.Tests.Explorer;

/// <summary>Takes the moves of one state. Nothing is formatted before a trace is asked for: there are millions of moves.</summary>
internal sealed class Moves<TState>
    where TState : unmanaged
{
    private readonly List<(TState Next, string Move, int First, int Second)> added = [];

    /// <summary>How many there are.</summary>
    public int Count => added.Count;

    /// <summary>Adds a move.</summary>
    /// <param name="next">Where it leads.</param>
    /// <param name="move">What happens, in words; <c>{0}</c> and <c>{1}</c> stand for the numbers.</param>
    /// <param name="first">The first number: mostly the actor's.</param>
    /// <param name="second">The second number.</param>
    public void Add(in TState next, string move, int first = 0, int second = 0) => added.Add((next, move, first, second));

    /// <summary>Where the move at this place leads.</summary>
    public TState Next(int place) => added[place].Next;

    /// <summary>The move at this place, in words.</summary>
    public string Words(int place)
    {
        var (_, move, first, second) = added[place];
        return string.Format(CultureInfo.InvariantCulture, move, first, second);
    }

    /// <summary>Forgets all.</summary>
    public void Clear() => added.Clear();
}
