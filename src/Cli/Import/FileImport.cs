using Rollbook.Client;
using Spectre.Console;

namespace Rollbook.Cli;

/// <summary>Imports files one after the other: a bad one is named and skipped, a recorder that is away ends it.</summary>
internal sealed class FileImport(RollbookHttpClient client, string? variant, string? worker, ImportReport report)
{
    public async Task<int> RunAsync(IReadOnlyList<string> files, CancellationToken cancellationToken)
    {
        try
        {
            await report.WithProgressAsync(files.Count, progress => RunAsync(files, progress, cancellationToken));
        }
        finally
        {
            report.Finish();
        }

        return report.Failed > 0 ? ExitCode.Failed : ExitCode.Ok;
    }

    private async Task RunAsync(IReadOnlyList<string> files, ProgressTask? progress, CancellationToken cancellationToken)
    {
        foreach (var file in files)
        {
            progress?.Description(TerminalText.OneLine(Path.GetFileName(file), 40).EscapeMarkup());
            try
            {
                if (await ExportedFile.IsOneAsync(file, cancellationToken))
                    await ExportedAsync(file, await ExportedFile.ReadAsync(file, cancellationToken), cancellationToken);
                else if (await AtifFile.IsOneAsync(file, cancellationToken))
                    await ExportedAsync(file, await AtifFile.ReadAsync(file, cancellationToken), cancellationToken);
                else
                    await TrajectoryAsync(file, cancellationToken);
            }
            catch (ImportException e)
            {
                report.Refused(file, e.Message);
            }
            catch (RollbookException e) when (e.Code != RollbookException.Unreachable)
            {
                report.Refused(file, $"the recorder refused it: {e.Message} ({e.Code})");
            }
            catch (RollbookException e)
            {
                report.Refused(file, e.Message);
                throw;
            }

            progress?.Increment(1);
        }
    }

    private async Task TrajectoryAsync(string file, CancellationToken cancellationToken)
    {
        var episode = TrajectoryFile.Read(file, await ReadAsync(file, cancellationToken), variant);
        episode = worker is null ? episode : episode with { Worker = worker };
        var id = await new EpisodeImporter(client).ImportAsync(episode, _ => { }, cancellationToken);
        report.Imported(file, id, episode.Steps.Count);
    }

    private async Task ExportedAsync(string file, IReadOnlyList<ExportedEpisode> episodes, CancellationToken cancellationToken)
    {
        if (variant is not null)
            throw new ImportException("it is an exported episode, which has its own variant: leave --variant away.");

        if (episodes.Count == 0)
            report.Empty(file);
        foreach (var each in episodes)
        {
            var episode = worker is null ? each : each with { Worker = worker };
            try
            {
                var status = await new ExportImporter(client).ImportAsync(episode, cancellationToken);
                var note = status == episode.Status ? null : $"{episode.Status} in the file, {status} in the recorder";
                report.Imported(file, episode.EpisodeId, episode.StepCount, note);
            }
            catch (ImportException e) when (episodes.Count > 1)
            {
                report.Refused(file, $"episode {episode.EpisodeId}: {e.Message}");
            }
            catch (RollbookException e) when (episodes.Count > 1 && e.Code != RollbookException.Unreachable)
            {
                report.Refused(file, $"episode {episode.EpisodeId}: the recorder refused it: {e.Message} ({e.Code})");
            }
        }
    }

    private static async Task<byte[]> ReadAsync(string file, CancellationToken cancellationToken)
    {
        try
        {
            return await File.ReadAllBytesAsync(file, cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ImportException(e is FileNotFoundException or DirectoryNotFoundException ? "there is no such file." : e.Message);
        }
    }
}
