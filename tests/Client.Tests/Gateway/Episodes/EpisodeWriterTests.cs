using Rollbook.Testing;

namespace Rollbook.Client.Tests.Gateway.Episodes;

/// <summary>Steps and endings whose credential the recorder refuses for a while.</summary>
public sealed class EpisodeWriterTests
{
    private readonly Queue<string> refusals = [];
    private readonly List<string> done = [];

    [Theory]
    [InlineData(AccessDeniedException.Unauthenticated)]
    [InlineData(AccessDeniedException.Forbidden)]
    public async Task End_WhenTheCredentialIsRefused_StaysAndIsSentByTheNextCall(string code)
    {
        var writer = Writer(new RollbookClientOptions { ApiKey = "rb_x" });
        refusals.Enqueue(code);
        Assert.Equal(code, (await Assert.ThrowsAsync<RefusedException>(() => writer.EndAsync(1, null, default))).Code);
        Assert.False(writer.IsOver);
        await writer.BeatAsync();
        Assert.Equal(["Heartbeat"], done);

        await writer.SettleAsync(default);
        Assert.Equal(["Heartbeat", "End"], done);
        Assert.True(writer.IsOver);
    }

    [Fact]
    public async Task Finish_WhenTheCredentialIsRightAgain_SendsTheEnding()
    {
        var writer = Writer(new RollbookClientOptions { ApiKey = "rb_x" });
        refusals.Enqueue(AccessDeniedException.Unauthenticated);
        await Assert.ThrowsAsync<RefusedException>(() => writer.EndAsync(1, null, default));
        await writer.FinishAsync(static () => new NoEpisodeException("over"));
        Assert.Equal(["End"], done);
    }

    [Fact]
    public async Task StepAndEnd_WhenAProvidersTokenIsNotAccepted_AreTriedAgain()
    {
        var writer = Writer(WithProvider(TimeSpan.FromMinutes(2)));
        for (var i = 0; i < 3; i++) refusals.Enqueue(AccessDeniedException.Unauthenticated);
        Assert.Equal(0, await writer.Outbox.AddAsync(StepScratch.Mine.Encode(new Step { ActionType = "a" }, 0), default));
        for (var i = 0; i < 3; i++) refusals.Enqueue(AccessDeniedException.Unauthenticated);
        await writer.EndAsync(1, null, default);
        Assert.Equal(["Append", "End"], done);
    }

    [Fact]
    public async Task End_WhenNoTokenIsAcceptedInTime_StaysAndIsSentByTheNextCall()
    {
        var writer = Writer(WithProvider(TimeSpan.Zero));
        refusals.Enqueue(AccessDeniedException.Unauthenticated);
        await Assert.ThrowsAsync<UnavailableException>(() => writer.EndAsync(1, null, default));
        await writer.SettleAsync(default);
        Assert.Equal(["End"], done);
    }

    private static RollbookClientOptions WithProvider(TimeSpan giveUpAfter) => new()
    {
        TokenProvider = static _ => new(new BearerToken("t", DateTimeOffset.MaxValue)),
        GiveUpAfter = giveUpAfter,
        FirstDelay = TimeSpan.FromMilliseconds(1),
        MaxDelay = TimeSpan.FromMilliseconds(1),
    };

    private EpisodeWriter Writer(RollbookClientOptions options)
    {
        var core = new ClientCore(null!, new GrainStepTransport(), options, TimeProvider.System);
        var id = new EpisodeId(UInt128.One);
        return new EpisodeWriter(core, new EpisodeRoute(new EpisodeKey("p", id), FakeGrain.Of<IEpisodeGrain>(Answer)), 0, 1);
    }

    private object Answer(string method, object?[] arguments)
    {
        if (refusals.TryDequeue(out var code)) throw new AccessDeniedException(code, "Not this one.");
        done.Add(method);
        return method switch
        {
            nameof(IEpisodeGrain.Append) => new ValueTask<AppendReply>(new AppendReply(RollbookCode.Ok, ((AppendSteps)arguments[0]!).From + 1, 0)),
            nameof(IEpisodeGrain.End) => new ValueTask<EndReply>(new EndReply(RollbookCode.Ok, null, 1)),
            _ => new ValueTask<RollbookCode>(RollbookCode.Ok),
        };
    }
}
