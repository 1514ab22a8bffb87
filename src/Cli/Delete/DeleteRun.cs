using System.Globalization;
using System.Text.Json;
using Rollbook.Client;

namespace Rollbook.Cli;

/// <summary>Sends a deletion in parts, so that each is answered soon and a broken connection repeats a small one.</summary>
internal sealed class DeleteRun(RollbookHttpClient client, DeleteReport report, bool abortRunning)
{
    private const int PartSize = 1_000;

    public async Task<int> ByIdsAsync(IReadOnlyList<string> ids, bool dryRun, CancellationToken cancellationToken)
    {
        var parts = ids.Distinct(StringComparer.Ordinal).Chunk(PartSize).ToList();
        if (dryRun)
        {
            foreach (var part in parts)
                report.Count(await SendAsync(part, dryRun: true, cancellationToken));
            return report.Counted(null);
        }

        await report.WithProgressAsync(ids.Count, async progress =>
        {
            foreach (var part in parts)
            {
                report.Deleted(await SendAsync(part, dryRun: false, cancellationToken));
                progress(part.Length);
            }
        });
        return report.Finish();
    }

    public async Task<int> ByFilterAsync(List<KeyValuePair<string, string>> filters, bool dryRun, CancellationToken cancellationToken)
    {
        var count = await client.DeleteJsonAsync(Body(writer => WriteFilters(writer, filters), dryRun: true), cancellationToken);
        report.Count(count);
        if (dryRun)
            return report.Counted("Nothing was deleted: add --yes to do it.");

        await report.WithProgressAsync(report.Episodes, async progress =>
        {
            string? cursor = null;
            do
            {
                var parameters = filters.Append(KeyValuePair.Create("order", "start_time")).Append(KeyValuePair.Create("limit", PartSize.ToString(CultureInfo.InvariantCulture)));
                if (cursor is not null)
                    parameters = parameters.Append(KeyValuePair.Create("cursor", cursor));
                using var page = JsonDocument.Parse(await client.ListEpisodesJsonAsync(parameters, cancellationToken));
                var ids = page.RootElement.GetProperty("items").EnumerateArray().Select(static item => item.GetProperty("episode_id").GetString()!).ToList();
                if (ids.Count > 0)
                    report.Deleted(await SendAsync(ids, dryRun: false, cancellationToken));
                progress(ids.Count);
                cursor = page.RootElement.GetProperty("next_cursor").GetString();
            }
            while (cursor is not null);
        });
        return report.Finish();
    }

    // Of several values of one filter the API takes a list.
    private static void WriteFilters(Utf8JsonWriter writer, List<KeyValuePair<string, string>> filters)
    {
        foreach (var filter in filters.GroupBy(static f => f.Key, static f => f.Value))
        {
            if (filter.Key is "min_score" or "max_score")
            {
                writer.WritePropertyName(filter.Key);
                writer.WriteNumberValue(double.TryParse(filter.Last(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
                    ? number
                    : throw new CliException(ExitCode.Usage, "usage", $"{filter.Key} must be a number."));
            }
            else if (filter.Key is "since" or "until")
            {
                writer.WriteString(filter.Key, filter.Last());
            }
            else
            {
                writer.WriteStartArray(filter.Key);
                foreach (var value in filter)
                    writer.WriteStringValue(value);
                writer.WriteEndArray();
            }
        }
    }

    private Task<byte[]> SendAsync(IReadOnlyList<string> ids, bool dryRun, CancellationToken cancellationToken) => client.DeleteJsonAsync(
        Body(
            writer =>
            {
                writer.WriteStartArray("episode_ids");
                foreach (var id in ids)
                    writer.WriteStringValue(id);
                writer.WriteEndArray();
            },
            dryRun),
        cancellationToken);

    private byte[] Body(Action<Utf8JsonWriter> which, bool dryRun) => System.Text.Encoding.UTF8.GetBytes(CliJson.Line(writer =>
    {
        which(writer);
        writer.WriteBoolean("dry_run", dryRun);
        writer.WriteBoolean("abort_running", abortRunning);
    }));
}
