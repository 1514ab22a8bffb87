using Rollbook.Episodes;
using Rollbook.Simulation.Tests.Cluster;
using Rollbook.Simulation.Tests.Engine;
using Rollbook.Simulation.Tests.Network;

namespace Rollbook.Simulation.Tests.Clients;

/// <summary>One client's way to one episode: over the network to some silo's edge, and there to an activation.</summary>
internal sealed class EpisodeClient(World world, SimNetwork network, SimCluster cluster, SimClock clock, EpisodeKey key, EpisodeHistory history)
{
    private readonly double wandering = 0.3 * Math.Pow(world.Random.NextDouble(), 2);
    private SimSilo? preferred;

    public EpisodeKey Key => key;

    /// <summary>Seconds that a call waits for its answer, more or less.</summary>
    public double Patience { get; set; } = 5;

    public EpisodeHistory History => history;

    /// <summary>Appends once. Null = no answer.</summary>
    public async Task<AppendReply?> AppendAsync(long from, IReadOnlyList<string> lines, long? epoch)
    {
        history.Sent(from, lines);
        var ackedBefore = history.AckedNext;
        var endedBefore = history.EndedForGood;
        var byTurn = world.Chance(0.5);
        var reply = await CallAsync((silo, owner) => AppendAsync(
            owner, new AppendSteps { From = from, Steps = SimSteps.Encode(lines, silo.Clock), WriterEpoch = epoch }, byTurn));
        Log($"append {from}+{lines.Count} epoch {epoch}", reply?.Code, reply?.NextOrdinal);
        if (reply is { } known) history.Answered(from, lines, known, ackedBefore, endedBefore);
        return reply;
    }

    /// <summary>As a message to the grain, or as whoever holds steps within the silo does it: by a turn, and by the message where that takes nothing.</summary>
    private static async Task<AppendReply> AppendAsync(EpisodeOwner owner, AppendSteps request, bool byTurn) =>
        byTurn && owner.TryAppend(request) is { } commit
            ? await EpisodeAppends.DurableAsync(commit, request.From + request.Steps.Count)
            : await owner.AppendAsync(request);

    public async Task<EndReply?> EndAsync(EndEpisode end)
    {
        history.Sent(end);
        var reply = await CallAsync((_, owner) => owner.EndAsync(end).AsTask());
        Log($"end {end.Status} {end.FinalScore} at {end.NextOrdinal}", reply?.Code, reply?.Expected);
        if (reply is { } known) history.Answered(end, known);
        return reply;
    }

    /// <summary>Sends score events once. Null = no answer.</summary>
    public async Task<IReadOnlyList<ScoreReply>?> ScoreAsync(IReadOnlyList<ScoreEvent> scores)
    {
        foreach (var score in scores) history.Events.Sent(score);
        var replies = await SendAsync<IReadOnlyList<ScoreReply>>(async (_, owner) => await owner.ScoreAsync(scores));
        for (var i = 0; i < scores.Count; i++)
        {
            Log($"score {scores[i].EventId} {scores[i].Name} {scores[i].Value}", replies?[i].Code, replies?[i].Duplicate == true ? 1 : 0);
            if (replies is not null) history.Events.Answered(scores[i], replies[i]);
        }

        return replies;
    }

    /// <summary>Sends a label event once. Null = no answer.</summary>
    public async Task<LabelReply?> LabelAsync(LabelEvent labels)
    {
        var reply = await CallAsync((_, owner) => owner.LabelAsync(labels).AsTask());
        Log($"label {labels.EventId}", reply?.Code, reply?.Duplicate == true ? 1 : 0);
        if (reply is { } known) history.Events.Answered(labels, known);
        return reply;
    }

    public Task<ScorePage?> ReadScoresAsync(int from) => CallAsync((_, owner) => owner.ReadScoresAsync(from, 7).AsTask());

    public async Task<StartReply?> OpenAsync(OpenEpisode open)
    {
        var reply = await SendAsync<StartReply>(async (_, owner) => await owner.OpenAsync(open));
        Log("open", reply?.Code, reply?.NextOrdinal);
        if (reply is not null) history.Answered(reply, 0);
        return reply;
    }

    public async Task<StartReply?> ResumeAsync()
    {
        history.Resumes++;
        var ackedBefore = history.AckedNext;
        var reply = await SendAsync<StartReply>(async (_, owner) => await owner.ResumeAsync("writer"));
        Log($"resume, epoch {reply?.WriterEpoch}", reply?.Code, reply?.NextOrdinal);
        if (reply is not null) history.Answered(reply, ackedBefore);
        return reply;
    }

    public async Task<StepPage?> ReadAsync(long from, int count, TimeSpan wait)
    {
        var page = await CallAsync((_, owner) => owner.ReadStepsAsync(from, count, wait).AsTask());
        if (page is { } known) history.Read(from, known);
        return page;
    }

    public Task<EpisodeView?> ViewAsync() => CallAsync((_, owner) => owner.ReadAsync().AsTask());

    public Task<RollbookCode?> HeartbeatAsync(long? epoch) => CallAsync((_, owner) => owner.HeartbeatAsync(epoch).AsTask());

    /// <summary>A pause before the next try.</summary>
    public Task PauseAsync(double most) => Task.Delay(world.Between(0, most), clock);

    private async Task<T?> CallAsync<T>(Func<SimSilo, EpisodeOwner, Task<T>> call)
        where T : struct => await SendAsync(async (silo, owner) => (T?)await call(silo, owner));

    private async Task<T?> SendAsync<T>(Func<SimSilo, EpisodeOwner, Task<T?>> call)
    {
        var serving = cluster.Running.Where(static s => s.Serving).ToList();
        if (serving.Count == 0)
        {
            await PauseAsync(1);
            return default;
        }

        if (preferred is null || !serving.Contains(preferred) || world.Chance(wandering)) preferred = world.Pick(serving);
        var silo = preferred;
        try
        {
            return await network.SendAsync(() => silo.Lane.Run(() => call(silo, silo.Activation(key))), Patience);
        }
        catch (TimeoutException)
        {
            preferred = null;
            return default;
        }
    }

    private void Log(string call, RollbookCode? code, long? next) =>
        world.Log($"{key.Id.Value & 0xFF:x2} {call}: {(code is null ? "no answer" : $"{code} {next}")}");
}
