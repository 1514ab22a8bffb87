using System.Security.Cryptography;
using System.Text;
using Rollbook.Client;

namespace Rollbook.Cli;

/// <summary>Downloads the large values that episodes name, each once, into files named by their hashes.</summary>
internal static class BlobDownload
{
    /// <summary>Fills the directory. What is there already is left alone: a file appears whole or not at all.</summary>
    /// <returns>How many the episodes name, and how many were downloaded.</returns>
    public static async Task<(int Named, int Downloaded)> RunAsync(
        RollbookHttpClient client, IReadOnlyList<ExportItem> episodes, string directory, CancellationToken cancellationToken)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var downloaded = 0;
        Directory.CreateDirectory(directory);
        foreach (var episode in episodes)
        {
            await foreach (var step in client.ReadStepsAsync(episode.EpisodeId, cancellationToken: cancellationToken))
            {
                foreach (var hash in Hashes(step.Json.Span).Where(seen.Add))
                {
                    var file = Path.Combine(directory, hash);
                    if (File.Exists(file))
                        continue;
                    await WriteAsync(client, hash, file, cancellationToken);
                    downloaded++;
                }
            }
        }

        return (seen.Count, downloaded);
    }

    private static List<string> Hashes(ReadOnlySpan<byte> line)
    {
        var hashes = new List<string>();
        var at = 0;
        while (BlobReferences.TryNext(line, ref at, out var hash))
            hashes.Add(Encoding.ASCII.GetString(hash));
        return hashes;
    }

    private static async Task WriteAsync(RollbookHttpClient client, string hash, string file, CancellationToken cancellationToken)
    {
        await WholeFile.WriteAsync(file, async stream =>
        {
            await client.CopyBlobAsync(hash, stream, cancellationToken);
            return 0;
        });
        await using var written = File.OpenRead(file);
        var own = Convert.ToHexStringLower(await SHA256.HashDataAsync(written, cancellationToken));
        if (own == hash)
            return;
        File.Delete(file);
        throw new CliException(ExitCode.Failed, "bad_hash", $"The large value {hash} came with the SHA-256 {own}. Its copy was deleted; run 'rollbook verify' on the recorder's data directory.");
    }
}
