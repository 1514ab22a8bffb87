using System.Diagnostics;
using Rollbook.Episodes;

namespace Rollbook.StepLog;

/// <summary>
/// The spans of a step's way, on the source <c>Rollbook</c>: <c>rollbook.append</c> at the edge, <c>rollbook.turn</c> in the episode's activation,
/// <c>rollbook.commit</c> for the chunk. With nobody who listens they cost one look.
/// </summary>
public static class StepTrace
{
    /// <summary>The name of the source.</summary>
    public const string Name = "Rollbook";

    // A chunk has thousands of frames at times; this many of those that are traced are named by it.
    internal const int MostLinks = 32;

    private static readonly ActivitySource Source = new(Name);

    /// <summary>Whether anybody listens.</summary>
    internal static bool IsOn => Source.HasListeners();

    /// <summary>The current span, where it is recorded.</summary>
    internal static Activity? Recorded => IsOn && Activity.Current is { Recorded: true } span ? span : null;

    /// <summary>An append of some steps to an episode.</summary>
    internal static Activity? Append(EpisodeKey key, int steps)
    {
        var span = Source.StartActivity("rollbook.append");
        if (span is not { IsAllDataRequested: true }) return span;
        span.SetTag("rollbook.project", key.Project);
        span.SetTag("rollbook.episode", key.Id.ToString());
        span.SetTag("rollbook.steps", steps);
        return span;
    }

    /// <summary>The turn of an episode's activation, begun by another's span.</summary>
    internal static Activity? Turn(Activity? caller) =>
        caller is null ? null : Source.StartActivity("rollbook.turn", ActivityKind.Internal, caller.Context);

    /// <summary>
    /// The write of a chunk, in the trace of the first of its frames that is traced and linked to the others; null where none is. It doesn't become the
    /// current span: several chunks may be under way.
    /// </summary>
    internal static Activity? Commit(LogId log, long chunk, int frames, long bytes, IReadOnlyList<ActivityContext>? traced)
    {
        if (traced is not { Count: > 0 }) return null;
        var outer = Activity.Current;
        var span = Source.StartActivity(
            ActivityKind.Internal, traced[0], links: traced.Skip(1).Select(static context => new ActivityLink(context)), name: "rollbook.commit");
        Activity.Current = outer;
        span?.SetTag("rollbook.log", log.ToString());
        span?.SetTag("rollbook.chunk", chunk);
        span?.SetTag("rollbook.frames", frames);
        span?.SetTag("rollbook.bytes", bytes);
        return span;
    }
}
