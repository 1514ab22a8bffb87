namespace Rollbook.Client.Tests.Gateway.Faults;

/// <summary>What happens to a call on its way.</summary>
internal enum Fault
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>It never arrives; no answer.</summary>
    RequestLost,

    /// <summary>It is done; no answer.</summary>
    AnswerLost,

    /// <summary>No answer; it arrives at some later time, behind its repeats.</summary>
    DeliveredLate,

    /// <summary>It arrives again, at any time.</summary>
    DeliveredTwice,

    /// <summary>Nothing is taken, and that is said.</summary>
    Busy,

    /// <summary>Nothing is taken, and the outcome is said to be unknown.</summary>
    Unavailable,

    /// <summary>It is done, and the outcome is said to be unknown.</summary>
    UnavailableButTaken,
}
