using System.Security.Cryptography;
using Rollbook.Archive;
using Rollbook.StepLog;

namespace Rollbook.Cli;

/// <summary>Proves a project's archive: its manifest, and of each file that the manifest lists the length, the SHA-256 and the number of rows.</summary>
internal sealed class ArchiveCheck(ArchiveDirectory archive, string project, Action<long> bytesRead)
{
    private const string Restore = "Restore this file from a backup of the data directory; nothing of it is served meanwhile.";

    private readonly List<ArchiveFault> _faults = [];
    private int _files;
    private long _bytes;

    /// <summary>The manifest; null where it can't be read.</summary>
    public Manifest? Manifest { get; private set; }

    /// <summary>Looks at all of it.</summary>
    public ArchiveReport Run()
    {
        var path = archive.PathOf(ArchivePaths.Manifest(project));
        if (!File.Exists(path))
        {
            if (Directory.EnumerateFiles(Path.GetDirectoryName(path)!, "*", SearchOption.AllDirectories).Any()) Fault(path, "it is missing", Restore);
            return Report();
        }

        try
        {
            Manifest = ManifestCodec.Read(File.ReadAllBytes(path), "");
        }
        catch (PackVersionException newer)
        {
            Fault(path, newer.Message, "Verify with the release that wrote it. If no newer release ever ran here, restore this file from a backup.");
            return Report();
        }
        catch (Exception damage)
        {
            Fault(path, $"it is damaged: {damage.Message}", "Restore this file from a backup that was made together with the packs: which files count stands in it alone.");
            return Report();
        }

        foreach (var pack in Manifest.Packs.Concat(Manifest.Staged?.Sealed ?? []).Concat(Manifest.Staged?.Rest ?? []))
        {
            foreach (var (kind, file) in FilesOf(pack)) CheckFile(kind, file, pack.Log);
        }

        CheckRanges(path, Manifest);
        return Report();
    }

    private static IEnumerable<(ArchiveKind Kind, ManifestFile File)> FilesOf(Pack pack)
    {
        if (pack.Steps is not null) yield return (ArchiveKind.Steps, pack.Steps);
        if (pack.Episodes is not null) yield return (ArchiveKind.Episodes, pack.Episodes);
        if (pack.Scores is not null) yield return (ArchiveKind.Scores, pack.Scores);
        if (pack.Frames is not null) yield return (ArchiveKind.Frames, pack.Frames);
    }

    private void CheckFile(ArchiveKind kind, ManifestFile listed, LogId log)
    {
        var path = archive.PathOf(listed.Name);
        _files++;
        try
        {
            using var content = File.OpenRead(path);
            _bytes += content.Length;
            if (content.Length != listed.Bytes)
            {
                Fault(path, $"it has {content.Length} bytes, and {listed.Bytes} were written", Restore);
                return;
            }

            if (Hash(content) != listed.Sha256)
            {
                Fault(path, "its SHA-256 is not the one of its manifest", Restore);
                return;
            }

            content.Position = 0;
            if (RowsOf(kind, content, listed.Name, log) is var rows && rows != listed.Rows) Fault(path, $"it has {rows} rows, and its manifest says {listed.Rows}", Restore);
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            Fault(path, "it is missing", Restore);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            Fault(path, $"it can't be read: {unreadable.Message}", Restore);
        }
    }

    private string Hash(FileStream content)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[1 << 20];
        for (int read; (read = content.Read(buffer)) > 0;)
        {
            hash.AppendData(buffer, 0, read);
            bytesRead(read);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private long RowsOf(ArchiveKind kind, Stream content, string name, LogId log)
    {
        switch (kind)
        {
            case ArchiveKind.Steps:
                using (var steps = new StepPackReader(content, name)) return steps.Rows;
            case ArchiveKind.Episodes:
                using (var episodes = new EpisodePackReader(content, name, project)) return episodes.Rows;
            case ArchiveKind.Scores:
                using (var scores = new ScorePackReader(content, name)) return scores.Rows;
            default:
                // There is nothing else to do meanwhile.
                return FramePackReader.OpenAsync(name, log, content, CancellationToken.None).AsTask().GetAwaiter().GetResult().Count;
        }
    }

    // A stretch of which every episode was sealed since leaves a hole; two packs of one chunk, or one behind the mark, can't be.
    private void CheckRanges(string path, Manifest manifest)
    {
        foreach (var packs in manifest.Packs.Where(static p => p.Day is null).GroupBy(static p => p.Log))
        {
            long end = 0;
            foreach (var pack in packs.OrderBy(static p => p.From))
            {
                if (pack.From < end || pack.To <= pack.From)
                    Fault(path, $"the packs of the log {pack.Log} overlap at chunk {pack.From}", "Restore the archive from a backup, and report this: no damage of a disk makes it.");
                end = pack.To;
            }

            if (end > manifest.PackedToOf(packs.Key))
                Fault(path, $"a pack of the log {packs.Key} ends at chunk {end}, and packed_to is {manifest.PackedToOf(packs.Key)}", "Restore the archive from a backup, and report this: no damage of a disk makes it.");
        }
    }

    private void Fault(string file, string reason, string cure) => _faults.Add(new ArchiveFault(file, reason, cure));

    private ArchiveReport Report() => new()
    {
        Project = project,
        Version = Manifest?.Version ?? 0,
        Packs = Manifest?.Packs.Count ?? 0,
        Files = _files,
        Bytes = _bytes,
        Steps = Manifest?.Packs.Sum(static p => p.Steps?.Rows ?? 0) ?? 0,
        Faults = _faults,
    };
}
