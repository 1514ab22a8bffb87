namespace Rollbook.Silo.Demo;

/// <summary>The built-in tasks.</summary>
internal static class TaskLibrary
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<RepairTask> All { get; } =
        [PricingTask.Task, CalendarTask.Task, SlugTask.Task, RangesTask.Task, RomanTask.Task, ChecksumTask.Task];
}
