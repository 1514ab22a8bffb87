using Orleans.Concurrency;

namespace Rollbook.Recovery;

/// <summary>Recovers one dead log for the whole cluster; its key is the log's name. Nothing depends on its being one: a second one reads the log once more.</summary>
[Alias("rollbook.ILogRecoveryGrain")]
internal interface ILogRecoveryGrain : IGrainWithStringKey
{
    /// <summary>Fences the log and reads it once, so that its indexes and tails are durable.</summary>
    /// <returns>False where that takes longer than a call may: the caller asks again.</returns>
    [AlwaysInterleave]
    Task<bool> Pass();

    /// <summary>Wakes what the log left unfinished, and marks it as recovered where nothing is left.</summary>
    /// <returns>How many of its episodes are left, at least 1 while that goes on.</returns>
    [AlwaysInterleave]
    Task<int> Recover();
}
