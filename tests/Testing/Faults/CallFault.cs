namespace Rollbook.Testing;

/// <summary>What happens at the chosen call of a <see cref="CallSchedule"/>.</summary>
public enum CallFault
{
    /// <summary>It fails and has no effect; the caller doesn't know that.</summary>
    FailBefore,

    /// <summary>It takes effect and its answer is lost.</summary>
    FailAfter,

    /// <summary>The silo is killed before it: neither this call nor a later one takes effect.</summary>
    KillBefore,

    /// <summary>The silo is killed right behind it.</summary>
    KillAfter,
}
