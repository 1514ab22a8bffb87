namespace Rollbook.Client;

/// <summary>The episode is damaged where the recorder stores it, in a log or in the archive. What was read before that place is whole; what stands behind it can't be read.</summary>
public sealed class DamagedLogException : RefusedException
{
    internal DamagedLogException(string what)
        : base("damaged", $"{what} met a damaged place of a log or of the archive: what was read before it is whole. `rollbook verify` looks at a stopped recorder's directory, and says whether `rollbook repair` or a backup helps.")
    {
    }
}
