namespace Rollbook.Model.Tests.Explorer;

/// <summary>Breadth first over every state that a model can reach, so that the first violation has a shortest trace.</summary>
internal static class Explore
{
    /// <summary>A model that grows past this many states is too big to be a test: make its bounds smaller.</summary>
    public const int MostStates = 6_000_000;

    /// <summary>Explores until a promise is broken or nothing is left.</summary>
    /// <exception cref="InvalidOperationException">The model has too many states.</exception>
    public static Exploration All<TState>(IModel<TState> model)
        where TState : unmanaged
    {
        var seen = new StateSet<TState>();
        var moves = new Moves<TState>();
        var parents = new List<int> { -1 };
        seen.TryAdd(model.Initial);
        if (model.Violation(model.Initial) is { } atOnce) return new Exploration(1, 0, atOnce, []);

        var (depth, lastOfDepth) = (0, 0);
        for (var at = 0; at < seen.Count; at++)
        {
            if (at > lastOfDepth) (depth, lastOfDepth) = (depth + 1, seen.Count - 1);
            moves.Clear();
            model.Expand(seen[at], moves);
            for (var place = 0; place < moves.Count; place++)
            {
                var next = moves.Next(place);
                model.Normalize(ref next);
                if (!seen.TryAdd(next)) continue;
                parents.Add(at);
                if (model.Violation(next) is { } violation) return new Exploration(seen.Count, depth + 1, violation, Trace(model, seen, parents));
            }

            if (seen.Count > MostStates) throw new InvalidOperationException($"{model.GetType().Name} has more than {MostStates} states: make its bounds smaller.");
        }

        return new Exploration(seen.Count, depth, null, []);
    }

    // Only each state's parent is kept; the words of a move are found by making the parent's moves again.
    private static List<string> Trace<TState>(IModel<TState> model, StateSet<TState> seen, List<int> parents)
        where TState : unmanaged
    {
        var trace = new List<string>();
        var moves = new Moves<TState>();
        for (var at = seen.Count - 1; parents[at] >= 0; at = parents[at])
        {
            moves.Clear();
            model.Expand(seen[parents[at]], moves);
            var place = 0;
            while (!LeadsTo(model, moves.Next(place), seen[at])) place++;
            trace.Add(moves.Words(place));
        }

        trace.Reverse();
        return trace;
    }

    private static bool LeadsTo<TState>(IModel<TState> model, TState next, in TState state)
        where TState : unmanaged
    {
        model.Normalize(ref next);
        return StateSet<TState>.AreSame(next, state);
    }
}
