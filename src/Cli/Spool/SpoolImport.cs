using Rollbook.Client;
using Spectre.Console;

namespace Rollbook.Cli;

/// <summary>Sends spool files, oldest first, each in its order, and deletes those that were answered whole.</summary>
internal static class SpoolImport
{
    public static async Task<int> RunAsync(RollbookHttpClient client, IReadOnlyList<string> files, SpoolReport report, CancellationToken cancellationToken)
    {
        try
        {
            await report.WithProgressAsync(files.Count, async progress =>
            {
                foreach (var file in files)
                {
                    progress?.Description(TerminalText.OneLine(Path.GetFileName(file), 40).EscapeMarkup());
                    await FileAsync(client, file, report, cancellationToken);
                    progress?.Increment(1);
                }
            });
        }
        finally
        {
            report.Finish();
        }

        return report.Failed > 0 ? ExitCode.Failed : ExitCode.Ok;
    }

    private static async Task FileAsync(RollbookHttpClient client, string path, SpoolReport report, CancellationToken cancellationToken)
    {
        using var file = SpoolFile.TryTake(path);
        if (file is null)
        {
            report.Held(path);
            return;
        }

        var tally = new SpoolTally(path);
        var epochs = await SpoolEpochs.ReadAsync(path, cancellationToken);
        var sender = new SpoolSender(client, epochs);
        var refused = new List<byte[]>();
        try
        {
            await foreach (var line in FileLines.ReadAsync(file.Stream, cancellationToken))
            {
                if (!line.Ended)
                {
                    // The write was cut, so that no caller was ever told that it is kept.
                    tally.Torn = line.Bytes.Length;
                    continue;
                }

                await SendAsync(sender, line, tally, report, refused, cancellationToken);
            }
        }
        catch (RollbookException e)
        {
            report.Kept(tally, e.Message, e.Code);
            if (e.Retry && e.Code != RollbookException.Unreachable)
                return;
            throw;
        }

        await file.CloseAsync(refused);
        epochs.Forget();
        report.Sent(tally, refused.Count > 0 ? file.RefusedPath : null);
    }

    /// <summary>Sends a line; what is to be kept of it where it was refused for good goes to <paramref name="refused"/>.</summary>
    private static async Task SendAsync(
        SpoolSender sender, FileLine line, SpoolTally tally, SpoolReport report, List<byte[]> refused, CancellationToken cancellationToken)
    {
        SpoolRecord record;
        try
        {
            record = SpoolRecord.Read(line.Bytes);
        }
        catch (SpoolLineException e)
        {
            report.Refused(tally, line.Number, null, "damaged", e.Message);
            refused.Add(SpoolFile.Refused(line, e.Message));
            return;
        }

        if (await RefusalAsync(sender, record, tally, cancellationToken) is not { } refusal)
            return;
        if (record.Steps.Count < 2 || SpoolSender.IsAboutTheEpisode(refusal))
        {
            Keep(record, refusal);
            return;
        }

        // It need not be about each of them: one too large must not take those behind it along.
        foreach (var single in record.Singles())
        {
            if (await RefusalAsync(sender, single, tally, cancellationToken) is { } own)
                Keep(single, own);
        }

        void Keep(SpoolRecord kept, RollbookException why)
        {
            report.Refused(tally, line.Number, kept, why.Code, why.Message);
            refused.Add(SpoolFile.Refused(kept, why.Code, why.Message));
            if (kept.Steps.Count == 1 && !SpoolSender.IsAboutTheEpisode(why))
                sender.LeaveOut(kept.EpisodeId!);
        }
    }

    private static async Task<RollbookException?> RefusalAsync(SpoolSender sender, SpoolRecord record, SpoolTally tally, CancellationToken cancellationToken)
    {
        try
        {
            await sender.SendAsync(record, cancellationToken);
            tally.Add(record);
            return null;
        }
        catch (RollbookException e) when (SpoolSender.IsFinal(e))
        {
            return e;
        }
    }
}
