namespace Rollbook.Cluster;

/// <summary>
/// Gives one duty to one silo at a time; its key is the duty's name. It keeps the turn in memory alone: after its own end, or as a duplicate, it may give the turn twice,
/// which costs work and nothing else.
/// </summary>
[Alias("rollbook.IDutyGrain")]
internal interface IDutyGrain : IGrainWithStringKey
{
    /// <summary>Asks for the turn, and keeps it by asking again in time.</summary>
    /// <param name="silo">Who asks.</param>
    /// <param name="packed">Dead logs that the silo knows to be packed.</param>
    Task<DutyReply> Turn(string silo, string[] packed);
}
