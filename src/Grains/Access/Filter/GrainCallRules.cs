using System.Collections.Frozen;

namespace Rollbook.Access;

/// <summary>The rules of all methods that may be called from outside. What is not listed is not called from outside.</summary>
internal static class GrainCallRules
{
    private static readonly GrainCallRule Records = new(AccessScopes.Ingest);

    // A deletion ends what runs, reads what it deletes, and has the worker forget it.
    private static readonly GrainCallRule Ends = new(AccessScopes.Ingest | AccessScopes.Delete);

    // A part of a deletion, which is whole only where the edge does all of it.
    private static readonly GrainCallRule Deletes = new(AccessScopes.Delete, NotByGateway: true);
    private static readonly GrainCallRule Shows = new(AccessScopes.Ingest | AccessScopes.Read | AccessScopes.Export | AccessScopes.Delete);
    private static readonly GrainCallRule Reads = new(AccessScopes.Read | AccessScopes.Export);

    private static readonly FrozenDictionary<(Type Grain, string Method), GrainCallRule> All = new Dictionary<(Type, string), GrainCallRule>
    {
        [(typeof(IEpisodeGrain), nameof(IEpisodeGrain.Open))] = GrainCallRule.Inside,
        [(typeof(IEpisodeGrain), nameof(IEpisodeGrain.Resume))] = GrainCallRule.Inside,
        [(typeof(IEpisodeGrain), nameof(IEpisodeGrain.Nudge))] = GrainCallRule.Inside,
        [(typeof(IEpisodeGrain), nameof(IEpisodeGrain.Append))] = Records,
        [(typeof(IEpisodeGrain), nameof(IEpisodeGrain.End))] = Ends,
        [(typeof(IEpisodeGrain), nameof(IEpisodeGrain.Heartbeat))] = Records,
        [(typeof(IEpisodeGrain), nameof(IEpisodeGrain.Score))] = Records,
        [(typeof(IEpisodeGrain), nameof(IEpisodeGrain.Label))] = Records,
        [(typeof(IEpisodeGrain), nameof(IEpisodeGrain.Patch))] = Records,
        [(typeof(IEpisodeGrain), nameof(IEpisodeGrain.Read))] = Shows,
        [(typeof(IEpisodeGrain), nameof(IEpisodeGrain.ReadSteps))] = Reads,
        [(typeof(IEpisodeGrain), nameof(IEpisodeGrain.ReadScores))] = Reads,
        [(typeof(ILoggerGrain), nameof(ILoggerGrain.Start))] = Records,
        [(typeof(ILoggerGrain), nameof(ILoggerGrain.Resume))] = Records,
        [(typeof(ILoggerGrain), nameof(ILoggerGrain.Read))] = Shows,
        [(typeof(ILoggerGrain), nameof(ILoggerGrain.Ended))] = GrainCallRule.Inside,
        [(typeof(ILoggerGrain), nameof(ILoggerGrain.Scored))] = GrainCallRule.Inside,
        [(typeof(ILoggerGrain), nameof(ILoggerGrain.Drop))] = Deletes,
        [(typeof(IIngestGrain), nameof(IIngestGrain.Append))] = Records,
        [(typeof(IIngestGrain), nameof(IIngestGrain.Start))] = Records,
        [(typeof(IBlobGrain), nameof(IBlobGrain.Put))] = Records,
        [(typeof(IBlobGrain), nameof(IBlobGrain.Read))] = Reads,
    }.ToFrozenDictionary();

    /// <summary>The rule of a method.</summary>
    public static GrainCallRule Of(Type grain, string method) => All.TryGetValue((grain, method), out var rule) ? rule : GrainCallRule.Inside;

    /// <summary>Whether a method is listed.</summary>
    public static bool Knows(Type grain, string method) => All.ContainsKey((grain, method));
}
