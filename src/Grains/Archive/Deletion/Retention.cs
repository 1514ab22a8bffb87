using Microsoft.Extensions.Logging;
using Rollbook.Query;

namespace Rollbook.Archive;

/// <summary>Deletes what the retention rules name, once an hour: each rule's episodes as one deletion with a receipt.</summary>
internal sealed partial class Retention(
    Deletions deletions, Func<EpisodeQueries> queries, ArchiveOptions options, TimeProvider time, ILogger<Retention> logger)
{
    /// <summary>The time between two looks.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    private long? looked;

    /// <summary>Whether there is a rule, and the last look is so long ago.</summary>
    public bool Due => options.Retention.Count > 0 && (looked is not { } at || time.GetElapsedTime(at) >= Interval);

    /// <summary>Looks where it is due.</summary>
    /// <param name="projects">The projects that are looked at.</param>
    /// <param name="cancellation">Ends it; what was listed by then is deleted by the rounds.</param>
    /// <returns>The receipts.</returns>
    public async ValueTask<IReadOnlyList<DeletionReceipt>> RunAsync(IEnumerable<string> projects, CancellationToken cancellation)
    {
        if (!Due) return [];
        var receipts = new List<DeletionReceipt>();
        var failed = false;
        foreach (var project in projects)
        {
            try
            {
                foreach (var rule in options.Retention)
                    if (await ApplyAsync(project, rule, cancellation) is { } receipt) receipts.Add(receipt);
            }
            catch (Exception failure) when (failure is not OperationCanceledException)
            {
                // Of the other projects nothing is kept for it.
                failed = true;
                LogFailed(failure, project);
            }
        }

        // After the work: what failed is tried again with the next look of the caller.
        if (!failed) looked = time.GetTimestamp();
        return receipts;
    }

    private async ValueTask<DeletionReceipt?> ApplyAsync(string project, RetentionRule rule, CancellationToken cancellation)
    {
        var before = (time.GetUtcNow() - TimeSpan.FromDays(rule.OlderThanDays!.Value)).ToUnixTimeMilliseconds() / 1000.0;
        var order = ListOrder.Episodes.First(static o => o.Name == "end_time");
        // Running ones have no end, and come last.
        var choice = await DoomedChoice.ReadAsync(queries(), project, rule.Filter(), order, record => !(record.EndTime < before), cancellation);
        var doomed = choice.Episodes.Where(static e => !e.Pinned && !e.Running).ToList();
        if (doomed.Count == 0) return null;
        try
        {
            var answer = await deletions.DeleteAsync(project, doomed, abortRunning: false, cancellation);
            if (answer.Receipt is { } receipt) LogRetained(project, receipt.Episodes, receipt.Steps, rule.ToString(), receipt.Receipt);
            return answer.Receipt;
        }
        finally
        {
            queries().Tables.Outdate(project);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Retention did not get through {Project}; it is tried again.")]
    private partial void LogFailed(Exception failure, string project);

    [LoggerMessage(Level = LogLevel.Information, Message = "Retention deleted {Episodes} episodes with {Steps} steps of {Project} ({Rule}); the receipt is {Receipt}.")]
    private partial void LogRetained(string project, long episodes, long steps, string rule, StepLog.LogId receipt);
}
