using System.Reflection;
using Orleans;

namespace Rollbook.Silo.Tests.Http;

/// <summary>Hands out one episode and one logger, whatever the key: what stands behind the edge is not its matter.</summary>
public class FakeGrains : DispatchProxy
{
    public required IEpisodeGrain Episode { get; set; }

    public required ILoggerGrain Worker { get; set; }

    public static IGrainFactory Create(IEpisodeGrain episode, ILoggerGrain worker)
    {
        var factory = Create<IGrainFactory, FakeGrains>();
        var self = (FakeGrains)(object)factory;
        self.Episode = episode;
        self.Worker = worker;
        return factory;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => targetMethod!.ReturnType switch
    {
        var type when type == typeof(IEpisodeGrain) => Episode,
        var type when type == typeof(ILoggerGrain) => Worker,
        var type => throw new InvalidOperationException($"The edge asked for a {type}."),
    };
}
