namespace Rollbook.Episodes;

/// <summary>What becomes of one event of a call, while the call runs.</summary>
internal sealed class EventOutcome
{
    public RollbookCode Code { get; set; }

    public bool Duplicate { get; set; }
}
