namespace Rollbook.Silo.Telemetry;

/// <summary>How far another machine's clock is from ours, as far as one question and its answer tell.</summary>
internal static class ClockSkew
{
    /// <summary>Positive where the other clock is ahead; zero where any time between question and answer would explain what was told.</summary>
    public static TimeSpan Of(DateTimeOffset asked, DateTimeOffset told, DateTimeOffset answered) =>
        told < asked ? told - asked : told > answered ? told - answered : TimeSpan.Zero;
}
