using Rollbook.Episodes;

namespace Rollbook.Archive;

/// <summary>An ended episode whose header is marked: its content stands still.</summary>
/// <param name="Header">The marked header.</param>
/// <param name="Tail">The episode as it ended, with what was said of it since.</param>
internal sealed record SealedEpisode(EpisodeHeader Header, EpisodeTail Tail)
{
    /// <summary>The day on which it ended, in UTC: the folder that it goes to.</summary>
    public DateOnly Day { get; } = DayOf(Tail.Record.EndTime ?? 0);

    // A caller's clock may say anything: what lies outside of the calendar goes to its edge.
    private static DateOnly DayOf(double seconds) => DateOnly.FromDateTime(
        DateTime.UnixEpoch.AddSeconds(Math.Clamp(seconds, -62_135_596_800, 253_402_300_799)));
}
