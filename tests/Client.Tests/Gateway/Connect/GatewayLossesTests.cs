using Microsoft.Extensions.DependencyInjection;
using Rollbook.Testing;

namespace Rollbook.Client.Tests.Gateway.Connect;

/// <summary>A call that was under way when a gateway's connection was lost ends at once, and only such a one.</summary>
public sealed class GatewayLossesTests
{
    private readonly GatewayLosses losses = new();
    private readonly TaskCompletionSource answer = new();

    [Fact]
    public async Task Invoke_WhenAGatewayIsLost_EndsTheCallsUnderWayAsUnknown()
    {
        var calls = Enumerable.Range(0, 100).Select(_ => losses.Invoke(Call())).ToList();

        losses.NotifyGatewayCountChanged(1, 2, false);

        foreach (var call in calls) Assert.Contains("gateway was lost", (await Assert.ThrowsAsync<IOException>(() => call)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Invoke_BehindTheLoss_WaitsForItsAnswer()
    {
        losses.NotifyGatewayCountChanged(0, 1, false);
        losses.NotifyClusterConnectionLost();
        losses.NotifyGatewayCountChanged(1, 0, true);
        var call = losses.Invoke(Call());
        losses.NotifyGatewayCountChanged(2, 1, false);

        Assert.False(call.IsCompleted);
        answer.SetResult();
        await call;
    }

    [Fact]
    public async Task Invoke_WhenTheAnswerIsAFailure_TellsIt()
    {
        var call = losses.Invoke(Call());
        answer.SetException(new InvalidDataException("told"));

        await Assert.ThrowsAsync<InvalidDataException>(() => call);
    }

    [Fact]
    public async Task Invoke_OfAnotherGrain_IsLeftAlone()
    {
        var call = losses.Invoke(Call(typeof(IDisposable), nameof(IDisposable.Dispose)));
        losses.NotifyGatewayCountChanged(0, 1, false);
        answer.SetResult();

        await call;
    }

    [Fact]
    public void AddRollbookClient_InAHost_WatchesTheHostsClientWithTheFilterItself()
    {
        using var services = new ServiceCollection().AddRollbookClient().AddRollbookClient().BuildServiceProvider();

        Assert.Same(
            Assert.Single(services.GetServices<IClusterConnectionStatusObserver>()),
            Assert.Single(services.GetServices<IOutgoingGrainCallFilter>().OfType<GatewayLosses>()));
    }

    private IOutgoingGrainCallContext Call() => Call(typeof(IEpisodeGrain), nameof(IEpisodeGrain.Read));

    private IOutgoingGrainCallContext Call(Type of, string method) => FakeGrain.Of<IOutgoingGrainCallContext>((name, _) => name switch
    {
        "get_InterfaceMethod" => of.GetMethod(method),
        "Invoke" => answer.Task,
        _ => throw new NotSupportedException(name),
    });
}
