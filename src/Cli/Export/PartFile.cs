using System.Text.Json;
using Rollbook.Export;
using Rollbook.StepLog;

namespace Rollbook.Cli;

/// <summary>A file of episodes that is not whole yet: <c>FILE.part</c>. It ends with a whole episode when it is opened.</summary>
internal sealed class PartFile : IAsyncDisposable
{
    // The id stands at the beginning of a document, which may be of any length.
    private const int HeadBytes = 4096;

    private readonly string _final;

    private PartFile(string final, FileStream stream, List<string> ids)
    {
        _final = final;
        Stream = stream;
        LastId = ids.Count > 0 ? ids[^1] : null;
        Ids = ids.ToHashSet(StringComparer.Ordinal);
    }

    public FileStream Stream { get; }

    /// <summary>The last episode in it; null where it has none.</summary>
    public string? LastId { get; }

    /// <summary>All episodes that are whole in it.</summary>
    public IReadOnlySet<string> Ids { get; }

    public string Path => Stream.Name;

    /// <summary>Refuses to write over what is there, and where there is no directory.</summary>
    public static void Check(string path, Existing existing)
    {
        if (System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path)) is { } directory && !Directory.Exists(directory))
            throw new CliException(ExitCode.Failed, "no_directory", $"There is no directory '{System.IO.Path.GetDirectoryName(path)}' for '{path}'. Make it first, or name another file.");
        if (existing != Existing.Refuse)
            return;
        if (File.Exists(path))
            throw new CliException(ExitCode.Failed, "file_exists", $"'{path}' exists. Name another file, or give --force to replace it.");
        if (File.Exists(path + ".part"))
            throw new CliException(ExitCode.Failed, "file_exists", $"'{path}.part' exists: an export to '{path}' was broken off. Give --resume to go on with it, or --force to begin anew.");
    }

    /// <summary>Opens it anew, or behind the last whole episode that it has.</summary>
    public static async Task<PartFile> OpenAsync(string path, ExportForm form, bool resume, CancellationToken cancellationToken)
    {
        var final = System.IO.Path.GetFullPath(path);
        var stream = new FileStream(final + ".part", resume ? FileMode.OpenOrCreate : FileMode.Create, FileAccess.ReadWrite, FileShare.Read, 1 << 16, useAsync: true);
        try
        {
            var (ids, length) = await FindWholeAsync(stream, form, cancellationToken);
            stream.SetLength(length);
            stream.Position = length;
            return new PartFile(final, stream, ids);
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }

    /// <summary>The episodes that are whole in a finished file of several.</summary>
    public static async Task<IReadOnlySet<string>> ReadIdsAsync(string path, ExportForm form, CancellationToken cancellationToken)
    {
        await using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, useAsync: true);
        return (await FindWholeAsync(stream, form, cancellationToken)).Ids.ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>Makes it durable and gives it its name.</summary>
    public async ValueTask FinishAsync()
    {
        await Stream.FlushAsync();
        NativeDisk.Flush(Stream.SafeFileHandle);
        await Stream.DisposeAsync();
        File.Move(Path, _final, overwrite: true);
    }

    public async ValueTask DeleteAsync()
    {
        await Stream.DisposeAsync();
        File.Delete(Path);
    }

    public ValueTask DisposeAsync() => Stream.DisposeAsync();

    private static async Task<(List<string> Ids, long Length)> FindWholeAsync(FileStream stream, ExportForm form, CancellationToken cancellationToken)
    {
        var isJsonl = form.Format == ExportFormat.Jsonl;
        (List<string> Ids, long Length) whole = ([], 0);
        string? id = null;
        long left = 0;
        await foreach (var line in LineHeads.ReadAsync(stream, isJsonl ? int.MaxValue : HeadBytes, cancellationToken))
        {
            if (left > 0)
            {
                left--;
            }
            else
            {
                id = isJsonl ? Record(line.Head, out left) : Member(line.Head, form.Format == ExportFormat.Atif ? "trajectory_id" : "episode_id");
                if (id is null)
                    break;
            }

            if (left > 0)
                continue;
            whole.Ids.Add(id!);
            whole.Length = line.End;
        }

        return whole;
    }

    private static string? Record(ReadOnlyMemory<byte> line, out long steps)
    {
        steps = 0;
        try
        {
            using var record = new RawObject(line);
            steps = (long)(record.Number("step_count") ?? 0);
            return record.Text("episode_id");
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string? Member(ReadOnlyMemory<byte> head, string name)
    {
        var reader = new Utf8JsonReader(head.Span, isFinalBlock: false, default);
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                return null;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isIt = reader.ValueTextEquals(name);
                if (!reader.Read())
                    return null;
                if (isIt)
                    return reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
                if (!reader.TrySkip())
                    return null;
            }
        }
        catch (JsonException)
        {
            // Not what was exported: what stands before it is kept.
        }

        return null;
    }
}
