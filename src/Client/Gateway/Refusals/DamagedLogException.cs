namespace Rollbook.Client;

/// <summary>The episode's log has a damaged place. What was read before it is whole; what stands behind it can't be read.</summary>
public sealed class DamagedLogException : RefusedException
{
    internal DamagedLogException(string what)
        : base("damaged", $"{what} met a damaged place of its log: what was read before it is whole. `rollbook verify` and `rollbook repair` look at a stopped recorder's directory.")
    {
    }
}
