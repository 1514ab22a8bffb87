using Rollbook.Client;
using Rollbook.Export;

namespace Rollbook.Cli;

/// <summary>A directory with a file an episode, named by its id.</summary>
internal sealed class DirectoryTarget(RollbookHttpClient client, ExportForm form, string path, Existing existing) : IExportTarget
{
    public async Task WriteAsync(IReadOnlyList<ExportItem> episodes, ExportReport report, CancellationToken cancellationToken)
    {
        var files = episodes.Select(episode => (Episode: episode, Path: Path.Combine(path, episode.EpisodeId + form.One.Extension))).ToList();
        if (existing == Existing.Refuse && files.FirstOrDefault(file => File.Exists(file.Path)).Path is { } there)
            throw new CliException(ExitCode.Failed, "file_exists", $"'{there}' exists. Give --resume to leave the files alone that are there, or --force to replace them.");

        Directory.CreateDirectory(path);
        var request = new ExportRequest(client, form, report);
        foreach (var (episode, file) in files)
        {
            if (existing == Existing.Resume && File.Exists(file))
            {
                report.Kept(episode, file);
                continue;
            }

            if (await WholeFile.TryWriteAsync(file, stream => request.OneAsync(episode, stream, cancellationToken)))
                report.Exported(episode, file);
        }
    }
}
