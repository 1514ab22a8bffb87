namespace Rollbook.Model.Tests.Explorer;

/// <summary>The same model, but what it looks for is a state to reach: a model that never gets there would keep its promises about it idly.</summary>
internal sealed class GoalModel<TState>(IModel<TState> model, Func<TState, bool> isThere) : IModel<TState>
    where TState : unmanaged
{
    public TState Initial => model.Initial;

    public void Expand(in TState state, Moves<TState> moves) => model.Expand(state, moves);

    public void Normalize(ref TState state) => model.Normalize(ref state);

    public string? Violation(in TState state) => isThere(state) ? "reached" : null;
}
