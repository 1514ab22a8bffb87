namespace Rollbook.Access;

/// <summary>What a whole audit log holds.</summary>
/// <param name="Entries">How many lines are proved, from the first on.</param>
/// <param name="Head">The hash of the last of them.</param>
/// <param name="Length">Bytes up to its line break.</param>
/// <param name="Fault">The first line that is not what was written there, 1-based; null = there is none.</param>
/// <param name="Torn">Whether a line behind them has no line break: one whose writing was cut, which was never acknowledged.</param>
internal sealed record AuditFile(long Entries, string Head, long Length, long? Fault, bool Torn)
{
    /// <summary>The log's place below a data directory.</summary>
    public static string PathIn(string directory) => Path.Combine(directory, "audit", "audit.jsonl");

    /// <summary>Reads and proves a log.</summary>
    /// <param name="path">The file; none there = an empty log.</param>
    /// <param name="seen">Given each proved line with its hash, oldest first.</param>
    public static AuditFile Read(string path, Action<ReadOnlyMemory<byte>, string>? seen = null)
    {
        var bytes = File.Exists(path) ? File.ReadAllBytes(path) : [];
        var (entries, head, at) = (0L, AuditChain.Start, 0);
        while (at < bytes.Length)
        {
            var length = bytes.AsSpan(at).IndexOf((byte)'\n');
            if (length < 0) return new AuditFile(entries, head, at, null, true);
            var line = bytes.AsMemory(at, length);
            if (AuditChain.Check(line.Span, entries + 1, head) is not { } hash) return new AuditFile(entries, head, at, entries + 1, false);
            seen?.Invoke(line, hash);
            (entries, head, at) = (entries + 1, hash, at + length + 1);
        }

        return new AuditFile(entries, head, at, null, false);
    }
}
