namespace Rollbook.Episodes;

/// <summary>What became of an episode's old owner.</summary>
public enum ReleaseOutcome
{
    /// <summary>It stopped and flushed.</summary>
    Released,

    /// <summary>Its process is gone, as membership or the directory lock proves: the log may be fenced.</summary>
    Dead,

    /// <summary>Nobody knows. The caller tries again.</summary>
    NoAnswer,
}
