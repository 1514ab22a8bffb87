namespace Rollbook.Cli;

/// <summary>What becomes of a file that is there already.</summary>
internal enum Existing
{
    /// <summary>It stays, and the command fails.</summary>
    Refuse,

    /// <summary>It is replaced.</summary>
    Replace,

    /// <summary>It is what an earlier run wrote: this one goes on.</summary>
    Resume,
}
