using System.Reflection;
using Orleans;

namespace Rollbook.Silo.Tests.Http;

/// <summary>Hands out one logger and one episode, whatever the key, but for the episodes that a test names: what stands behind the edge is not its matter.</summary>
public class FakeGrains : DispatchProxy
{
    public required IEpisodeGrain Episode { get; set; }

    public required ILoggerGrain Worker { get; set; }

    public required Func<string, IEpisodeGrain?> Named { get; set; }

    public static IGrainFactory Create(IEpisodeGrain episode, ILoggerGrain worker, Func<string, IEpisodeGrain?> named)
    {
        var factory = Create<IGrainFactory, FakeGrains>();
        var self = (FakeGrains)(object)factory;
        self.Episode = episode;
        self.Worker = worker;
        self.Named = named;
        return factory;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => targetMethod!.ReturnType switch
    {
        var type when type == typeof(IEpisodeGrain) => Named((string)args![0]!) ?? Episode,
        var type when type == typeof(ILoggerGrain) => Worker,
        var type => throw new InvalidOperationException($"The edge asked for a {type}."),
    };
}
