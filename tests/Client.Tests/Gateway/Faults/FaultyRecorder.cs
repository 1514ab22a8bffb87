using Rollbook.Testing;

namespace Rollbook.Client.Tests.Gateway.Faults;

/// <summary>
/// Episodes in memory behind a network that loses requests and answers, delivers twice and late and in any order, and refuses for a while: by a seed.
/// The test moves it, one event at a time.
/// </summary>
internal sealed class FaultyRecorder(int seed)
{
    private readonly Random random = new(seed);
    private readonly Lock gate = new();
    private readonly List<Action> events = [];
    private readonly Dictionary<EpisodeId, List<string>> episodes = [];
    private int storm;

    /// <summary>How often each fault happened.</summary>
    public Dictionary<Fault, int> Happened { get; } = [];

    /// <summary>No more faults from now on.</summary>
    public bool IsCalm { get; set; }

    /// <summary>An episode's grain.</summary>
    public IEpisodeGrain Episode(EpisodeId id) =>
        FakeGrain.Of<IEpisodeGrain>((_, args) => Call(() => Append(id, (AppendSteps)args[0]!), static code => new AppendReply(code, 0, 0)));

    /// <summary>The grain that takes the batches of many episodes. It has no code for a call: where a silo is busy, each batch says so.</summary>
    public IIngestGrain Ingest() => FakeGrain.Of<IIngestGrain>((_, args) =>
    {
        var batches = ((IngestSteps)args[0]!).Batches;
        return Call(
            () => Array.ConvertAll(batches, Take),
            code => Array.ConvertAll(batches, _ => code == RollbookCode.Busy ? default : new IngestOutcome(true, new AppendReply(code, 0, 0))));
    });

    /// <summary>What an episode holds.</summary>
    public IReadOnlyList<string> Recorded(EpisodeId id)
    {
        lock (gate) return [.. episodes.GetValueOrDefault(id, [])];
    }

    /// <summary>Lets one thing happen; false where there is nothing.</summary>
    public bool Step()
    {
        Action next;
        lock (gate)
        {
            if (storm > 0) storm--;
            else if (!IsCalm && random.Next(400) == 0) storm = random.Next(50, 600);
            if (events.Count == 0) return false;
            var at = random.Next(events.Count);
            next = events[at];
            events[at] = events[^1];
            events.RemoveAt(events.Count - 1);
        }

        next();
        return true;
    }

    private ValueTask<T> Call<T>(Func<T> deliver, Func<RollbookCode, T> refuse)
    {
        var answer = new TaskCompletionSource<T>();
        lock (gate)
        {
            var fault = Draw();
            Happened[fault] = Happened.GetValueOrDefault(fault) + 1;
            switch (fault)
            {
                case Fault.RequestLost:
                    events.Add(Lost);
                    break;
                case Fault.AnswerLost:
                    Then(deliver, _ => Lost());
                    break;
                case Fault.DeliveredLate:
                    events.Add(() =>
                    {
                        lock (gate) events.Add(() => deliver());
                        Lost();
                    });
                    break;
                case Fault.DeliveredTwice:
                    Then(deliver, answer.SetResult);
                    events.Add(() => deliver());
                    break;
                case Fault.Busy:
                    events.Add(() => answer.SetResult(refuse(RollbookCode.Busy)));
                    break;
                case Fault.Unavailable:
                    events.Add(() => answer.SetResult(refuse(RollbookCode.Unavailable)));
                    break;
                case Fault.UnavailableButTaken:
                    Then(deliver, _ => answer.SetResult(refuse(RollbookCode.Unavailable)));
                    break;
                default:
                    Then(deliver, answer.SetResult);
                    break;
            }
        }

        return new ValueTask<T>(answer.Task);

        void Lost() => answer.SetException(new TimeoutException("no answer"));
    }

    // The delivery, and the answer by itself later.
    private void Then<T>(Func<T> deliver, Action<T> answer) => events.Add(() =>
    {
        var reply = deliver();
        lock (gate) events.Add(() => answer(reply));
    });

    private Fault Draw()
    {
        if (IsCalm) return Fault.None;
        if (storm > 0) return random.Next(2) == 0 ? Fault.Busy : Fault.Unavailable;
        var drawn = random.Next(20);
        return drawn < 7 ? (Fault)(drawn + 1) : Fault.None;
    }

    // As the episode's owner does: the ordinal is the key, and a repeat is compared.
    private AppendReply Append(EpisodeId id, AppendSteps request)
    {
        var lines = TestSteps.Lines(request.Steps);
        lock (gate)
        {
            var recorded = Of(id);
            if (request.From > recorded.Count) return new AppendReply(RollbookCode.OrdinalGap, recorded.Count, 0);
            var duplicates = (int)Math.Min(recorded.Count - request.From, lines.Count);
            for (var i = 0; i < duplicates; i++)
                if (recorded[(int)request.From + i] != lines[i]) return new AppendReply(RollbookCode.OrdinalConflict, request.From + i, 0);
            recorded.AddRange(lines[duplicates..]);
            return new AppendReply(RollbookCode.Ok, request.From + lines.Count, duplicates);
        }
    }

    // As a turn does: only what follows.
    private IngestOutcome Take(IngestBatch batch)
    {
        lock (gate)
            return batch.Steps.From == Of(batch.Episode).Count ? new IngestOutcome(true, Append(batch.Episode, batch.Steps)) : default;
    }

    private List<string> Of(EpisodeId id)
    {
        if (!episodes.TryGetValue(id, out var recorded)) episodes[id] = recorded = [];
        return recorded;
    }
}
