namespace Rollbook.Cli;

/// <summary>An episode that is to be exported.</summary>
/// <param name="EpisodeId">Its id.</param>
/// <param name="Steps">How many steps it had when it was looked up.</param>
/// <param name="IsRunning">Whether it may get more.</param>
internal sealed record ExportItem(string EpisodeId, long Steps, bool IsRunning);
