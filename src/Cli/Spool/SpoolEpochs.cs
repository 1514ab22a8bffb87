using System.Text;
using System.Text.Json;
using Rollbook.StepLog;

namespace Rollbook.Cli;

/// <summary>
/// The epochs under which the records of lost episodes go that a sender of this spool has re-opened. They are kept in a file beside it: whoever sends the spool anew would
/// be fenced under the old ones, by its predecessor. The file's form is that of docs/spool-format.md.
/// </summary>
internal sealed class SpoolEpochs
{
    private readonly string _path;
    private readonly Dictionary<string, long> _epochs = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _reopened = new(StringComparer.OrdinalIgnoreCase);

    private SpoolEpochs(string path) => _path = path;

    /// <summary>Reads what earlier senders of a spool kept.</summary>
    public static async Task<SpoolEpochs> ReadAsync(string spool, CancellationToken cancellationToken)
    {
        var epochs = new SpoolEpochs(Path.ChangeExtension(spool, ".reopened"));
        if (!File.Exists(epochs._path))
            return epochs;
        await using var stream = File.OpenRead(epochs._path);
        await foreach (var line in FileLines.ReadAsync(stream, cancellationToken))
        {
            // What is torn was never relied on; what is damaged costs no more than a refusal.
            if (line.Ended && SpoolRecord.TryUnframe(line.Bytes) is { } json)
                epochs.Take(json);
        }

        return epochs;
    }

    /// <summary>The epoch that a record goes under: its own, or that of the re-opening, which came after it.</summary>
    public long? Of(string episodeId, long? recorded) =>
        _epochs.TryGetValue(episodeId, out var reopened) ? Math.Max(reopened, recorded ?? 0) : recorded;

    /// <summary>True where this sender has re-opened the episode: it does so once.</summary>
    public bool HasReopened(string episodeId) => _reopened.Contains(episodeId);

    /// <summary>Keeps the epoch of a re-opened episode, durably.</summary>
    public void Reopened(string episodeId, long epoch)
    {
        var json = CliJson.Line(writer =>
        {
            writer.WriteString("episode_id", episodeId);
            writer.WriteNumber("writer_epoch", epoch);
        });
        using (var stream = new FileStream(_path, FileMode.Append, FileAccess.Write, FileShare.Read, 0))
        {
            stream.Write(SpoolRecord.Line(Encoding.UTF8.GetBytes(json)));
            NativeDisk.Flush(stream.SafeFileHandle);
        }

        NativeDisk.FlushDirectory(Path.GetDirectoryName(Path.GetFullPath(_path))!);
        _reopened.Add(episodeId);
        _epochs[episodeId] = epoch;
    }

    /// <summary>The spool was sent whole.</summary>
    public void Forget() => File.Delete(_path);

    private void Take(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var value = new RawObject(json);
            if (value.Text("episode_id") is { } id && value["writer_epoch"] is { ValueKind: JsonValueKind.Number } epoch && epoch.TryGetInt64(out var number))
                _epochs[id] = Math.Max(number, _epochs.GetValueOrDefault(id));
        }
        catch (JsonException)
        {
            // A newer rollbook's.
        }
    }
}
