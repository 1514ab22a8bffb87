namespace Rollbook.Cluster.Tests.Peers;

public sealed class SharedRefreshTests
{
    private readonly Queue<TaskCompletionSource> looks = new();

    [Fact]
    public async Task Run_WhileALookIsRunning_IsAnsweredByTheNextOneTogetherWithAllOthers()
    {
        var refresh = new SharedRefresh(Look);
        var first = refresh.RunAsync();
        var later = Enumerable.Range(0, 5).Select(_ => refresh.RunAsync()).ToList();
        Assert.Single(looks);

        looks.Dequeue().SetException(new TimeoutException());
        await Assert.ThrowsAsync<TimeoutException>(() => first);
        Assert.Single(looks);
        Assert.All(later, static t => Assert.False(t.IsCompleted));
        looks.Dequeue().SetResult();
        await Task.WhenAll(later);
        Assert.Empty(looks);
    }

    // Continuations in place: the test sees what follows at once.
    private Task Look()
    {
        var look = new TaskCompletionSource();
        looks.Enqueue(look);
        return look.Task;
    }
}
