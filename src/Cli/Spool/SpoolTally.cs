namespace Rollbook.Cli;

/// <summary>What was done of one spool file.</summary>
internal sealed class SpoolTally(string file)
{
    public string File => file;

    public int Records { get; private set; }

    public long Steps { get; private set; }

    public int Episodes { get; private set; }

    public int Refused { get; set; }

    /// <summary>Bytes of a last record whose write was cut.</summary>
    public int Torn { get; set; }

    public void Add(SpoolRecord record)
    {
        Records++;
        Steps += record.Steps.Count;
        Episodes += record.Do == "start" ? 1 : 0;
    }
}
