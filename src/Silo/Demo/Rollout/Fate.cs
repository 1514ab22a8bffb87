namespace Rollbook.Silo.Demo;

/// <summary>What becomes of a worker's process during an episode.</summary>
internal enum Fate
{
    /// <summary>It plays to the end.</summary>
    Finish,

    /// <summary>It vanishes; the worker's next start supersedes the episode.</summary>
    Vanish,

    /// <summary>It hangs; the episode ends as <c>lost</c> at its deadline.</summary>
    Hang,
}
