namespace Rollbook.Cli;

/// <summary>Where an export goes.</summary>
internal interface IExportTarget
{
    /// <summary>Writes the episodes in their order, and tells the report of each.</summary>
    Task WriteAsync(IReadOnlyList<ExportItem> episodes, ExportReport report, CancellationToken cancellationToken);
}
