using System.ComponentModel.DataAnnotations;

namespace Rollbook.Query;

/// <summary>Bounds of queries: section <c>Rollbook:Query</c>.</summary>
public sealed class QueryOptions
{
    /// <summary>MiB that the table of one project's episodes may take in memory; beyond that it spills. 1,000,000 archived episodes take about 65, and what was read of their files as much again.</summary>
    [Range(64, 1 << 20)]
    public int TableMegabytes { get; set; } = 512;

    /// <summary>MiB that one project's table may spill to <see cref="SpillDirectory"/>.</summary>
    [Range(0, 1 << 20)]
    public int SpillMegabytes { get; set; } = 4096;

    /// <summary>Where tables spill, a directory of this process alone: what an earlier one left there is removed. Null = below the system's temporary one.</summary>
    public string? SpillDirectory { get; set; }

    /// <summary>Threads of one project's table. 0 = one a processor, four at most.</summary>
    [Range(0, 256)]
    public int Threads { get; set; }

    /// <summary>Projects whose tables are kept in memory; the one that was not asked for the longest goes first.</summary>
    [Range(1, 10_000)]
    public int Tables { get; set; } = 16;

    /// <summary>Seconds for which a pinned moment is used again. Up to twice as long it is still answered from while the next one is fetched.</summary>
    [Range(0, 1.0)]
    public double PinSeconds { get; set; } = 0.9;

    /// <summary>Seconds that a listing or a statistic may take.</summary>
    [Range(1, 600)]
    public int ListingSeconds { get; set; } = 20;

    /// <summary>Listings and statistics that run at once; others wait.</summary>
    [Range(1, 1024)]
    public int ConcurrentListings { get; set; } = 4;

    /// <summary>Seconds that a statement of a user may take, its answer included.</summary>
    [Range(0.1, 3600)]
    public double SqlSeconds { get; set; } = 30;

    /// <summary>MiB that a statement may take.</summary>
    [Range(64, 1 << 20)]
    public int SqlMegabytes { get; set; } = 1024;

    /// <summary>Threads of a statement. 0 = one a processor, four at most.</summary>
    [Range(0, 256)]
    public int SqlThreads { get; set; }

    /// <summary>Rows of an answer; what is beyond is cut off, and the answer says so.</summary>
    [Range(1, 100_000_000)]
    public int SqlRows { get; set; } = 100_000;

    /// <summary>MiB of an answer; what is beyond is cut off, and the answer says so.</summary>
    [Range(1, 1 << 20)]
    public int SqlAnswerMegabytes { get; set; } = 256;

    /// <summary>Statements that run at once; another is refused as <c>busy</c>.</summary>
    [Range(1, 1024)]
    public int ConcurrentSql { get; set; } = 4;

    /// <summary>The threads to use where 0 is given.</summary>
    internal static int ThreadsOf(int given) => given > 0 ? given : Math.Clamp(Environment.ProcessorCount, 1, 4);
}
