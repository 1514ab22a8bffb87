using System.Text;

namespace Rollbook.Silo.Tests.Http.Steps;

/// <summary>A caller that goes away changes nothing for what it sent.</summary>
public sealed class AppendAbandonedTests
{
    [Fact]
    public async Task Append_WhenTheCallerGoesAway_IsRecordedToItsEnd()
    {
        await using var server = await EdgeServer.StartAsync();
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var durable = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var second = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        server.Episode.OnAppend = async append =>
        {
            if (append.From > 0) second.TrySetResult();
            reached.TrySetResult();
            await durable.Task;
            return new AppendReply(RollbookCode.Ok, append.From + append.Steps.Count, 0);
        };
        using var going = new CancellationTokenSource();
        var step = $"{{\"action_type\":\"{new string('x', 3_000_000)}\"}}";
        using var content = new StringContent($"[{step},{step}]", Encoding.UTF8);
        var call = server.Client.PostAsync($"/v1/episodes/{EdgeServer.Id}/steps?from=0", content, going.Token);
        await reached.Task;
        await going.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        durable.SetResult();
        // The second part of the batch follows although nobody waits for the answer.
        await second.Task.WaitAsync(TimeSpan.FromMinutes(1));
        Assert.Equal([0L, 1], server.Episode.Appends.Select(append => append.From));
    }
}
