using Rollbook.Cluster.Tests.Silos;
using Rollbook.Episodes;
using Rollbook.Loggers;

namespace Rollbook.Cluster.Tests.Loggers;

public sealed class SupersedeTests
{
    private bool moving;

    [Fact]
    public async Task Start_WhenTheEpisodeBeforeCantBeEnded_EndsItWithoutAnotherCall()
    {
        await using var cluster = await RecorderCluster.StartAsync(1, silo: built => built.AddIncomingGrainCallFilter(FilterAsync));
        var worker = cluster.Service<IGrainFactory>(0).GetGrain<ILoggerGrain>(LoggerKey.Of(EpisodeKey.DefaultProject, "w"));
        var first = await worker.Start(Request());
        Volatile.Write(ref moving, true);

        var second = await worker.Start(Request());

        Assert.Equal((RollbookCode.Ok, null), (second.Code, second.Superseded));
        Assert.Equal(EpisodeStatus.Running, await StatusAsync());
        Volatile.Write(ref moving, false);
        await RecorderCluster.UntilAsync("the episode before to be superseded", async () => await StatusAsync() == EpisodeStatus.Superseded);

        async Task<EpisodeStatus> StatusAsync() => (await cluster.Episode(0, first.Record!.Key).Read()).Record!.Status;
    }

    // As an episode answers whose log belongs to a silo that gives no answer.
    private async Task FilterAsync(IIncomingGrainCallContext call)
    {
        if (Volatile.Read(ref moving) && call.InterfaceMethod.Name == nameof(IEpisodeGrain.End)) call.Result = new EndReply(RollbookCode.Unavailable, null, 0);
        else await call.Invoke();
    }

    private static StartEpisode Request() => new() { Project = EpisodeKey.DefaultProject, Worker = "w", Task = "t", VariantId = "v", BodyHash = 1 };
}
