namespace Rollbook.Silo.Http;

/// <summary>The acknowledgement of a start.</summary>
internal sealed record StartAnswer(
    string EpisodeId, string Worker, EpisodeStatus Status, double StartTime, long NextOrdinal, long WriterEpoch, string? Superseded);
