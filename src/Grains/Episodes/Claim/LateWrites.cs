namespace Rollbook.Episodes;

/// <summary>Writes to the headers that gave no answer, and may still be applied: what a process has sent outlives the wait for it, and the process.</summary>
internal static class LateWrites
{
    /// <summary>After this long nothing is on its way any more: twice as long as a request to the storage was ever seen to be late.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(2);
}
