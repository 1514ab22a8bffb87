namespace Rollbook.Model.Tests.Explorer;

/// <summary>A protocol with small bounds: where it starts, what may happen next, and what must hold always.</summary>
/// <typeparam name="TState">
/// All there is to know, as fields of one byte each (numbers, flags, enums over <see cref="byte"/>, <see cref="Two{T}"/> or a few of these):
/// states are the same when their bytes are.
/// </typeparam>
internal interface IModel<TState>
    where TState : unmanaged
{
    /// <summary>The state before anybody has moved.</summary>
    TState Initial { get; }

    /// <summary>
    /// Adds each state that one move of one actor leads to. A move is what happens at once: one call of a storage, or one decision.
    /// An actor that crashes is one that never moves again, so that a crash at each step is explored without a move of its own
    /// wherever somebody else can take over.
    /// </summary>
    void Expand(in TState state, Moves<TState> moves);

    /// <summary>
    /// Replaces a state by the one that stands for all that differ from it in nothing that matters from here on: actors of one kind in
    /// order, fields that nobody reads again at zero. What it maps together must have the same future.
    /// </summary>
    void Normalize(ref TState state);

    /// <summary>The promise that this state breaks, or null.</summary>
    string? Violation(in TState state);
}
