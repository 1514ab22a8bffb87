namespace Rollbook.StepLog;

// What queries are told of the log: its episodes, those that ended and aren't packed yet among them.
public sealed partial class WriteAheadLog
{
    // Some 50 µs under the lock: appends wait no longer than that for a listing of 100,000 episodes.
    private const int LookedAtOnce = 256;

    private readonly Dictionary<EpisodeKey, HeldEpisode> unpacked = [];
    private readonly Dictionary<string, long> forgottenTo = new(StringComparer.Ordinal);
    private Task newestCommit = Task.CompletedTask;

    /// <summary>Bytes of all durable chunks, padding included.</summary>
    public long DurableBytes { get; private set; }

    /// <summary>
    /// The chunk below which the log may be freed, once packs hold what lies there: where the last closed run of owned frames begins, from which recovery reads, and no
    /// segment further whose index is not durable.
    /// </summary>
    public long FreeableTo => index.FreeableTo;

    /// <summary>The episodes of a project as of this call or a little later; nothing of it is told before it is durable.</summary>
    public async ValueTask<HeldEpisodes> EpisodesAsync(string project, CancellationToken cancellation)
    {
        EpisodeKey[] keys;
        lock (gate) keys = [.. claims.Keys];
        var found = new List<HeldEpisode>();
        for (var at = 0; at < keys.Length; at += LookedAtOnce)
        {
            lock (gate)
            {
                foreach (var key in keys.AsSpan(at, Math.Min(LookedAtOnce, keys.Length - at)))
                {
                    if (key.Project != project) continue;
                    for (var claim = claims.GetValueOrDefault(key); claim is not null; claim = claim.Older)
                    {
                        if (claim.State != ClaimState.Owned) continue;
                        found.Add(Told(claim));
                        break;
                    }
                }
            }
        }

        Task durable;
        long forgotten;
        lock (gate)
        {
            // After the claims: one that ended and was forgotten meanwhile is found here.
            foreach (var (key, ended) in unpacked)
                if (key.Project == project) found.Add(ended);
            forgotten = forgottenTo.GetValueOrDefault(project);
            durable = newestCommit;
        }

        await durable.WaitAsync(cancellation);
        return new HeldEpisodes(found, forgotten);
    }

    /// <summary>A published manifest covers a project's records below a chunk: its ended episodes are asked for there from now on.</summary>
    public void ForgetPacked(string project, long packedTo)
    {
        lock (gate)
        {
            forgottenTo[project] = packedTo;
            foreach (var (key, ended) in unpacked)
                if (key.Project == project && ended.Chunk < packedTo) unpacked.Remove(key);
        }
    }

    private static HeldEpisode Told(LogClaim claim) => new(claim.Tail.Record, claim.Tail.Summary, claim.Term, claim.LastChunk, claim.LastPlace, claim.Closed);

    private void KeepUnpacked(LogClaim claim)
    {
        // A claim whose swap was not seen to succeed says nothing, and a running one is its next owner's to tell.
        if (claim.State == ClaimState.Owned && claim.Tail.Ended && claim.LastChunk >= forgottenTo.GetValueOrDefault(claim.Key.Project))
            unpacked[claim.Key] = Told(claim);
    }
}
