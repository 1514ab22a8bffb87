namespace Rollbook.Embedded;

/// <summary>
/// The database failed while it committed, and takes no more calls: what the failed COMMIT left on disk is unknown, and an fsync that
/// failed once must not be tried again, since the kernel may have dropped the pages. The process has to stop; the next one recovers.
/// </summary>
public sealed class SqlitePoisonedException(string path, Exception cause)
    : IOException($"The database {path} failed ({cause.Message}) and takes no more calls; restart the process.", cause);
