using System.Globalization;
using Rollbook.Query;
using Rollbook.Testing.Query;

namespace Rollbook.Benchmarks;

/// <summary>Makes an archive of so many episodes: day files, and a hundred packs with the newest, one in twenty of which stands in two.</summary>
internal static class HistoryFiles
{
    private const int Days = 30;
    private const int Packs = 100;
    private const double FirstStart = 1_760_000_000;

    /// <summary>Writes the files below a directory, unless they are there.</summary>
    public static IReadOnlyList<ArchivedFile> Write(string directory, int episodes)
    {
        var files = new List<ArchivedFile>();
        var archived = episodes * 9L / 10;
        for (var day = 0; day < Days; day++) Add($"day-{day:D2}", archived * day / Days, archived * (day + 1) / Days, isSealed: true);
        var perPack = (episodes - archived) / Packs;
        for (var pack = 0; pack < Packs; pack++)
        {
            // A pack also has those that were scored after they were packed.
            var from = archived + (pack * perPack);
            Add($"pack-{pack:D3}", Math.Max(archived, from - (perPack / 20)), pack == Packs - 1 ? episodes : from + perPack, isSealed: false);
        }

        return files;

        void Add(string name, long from, long to, bool isSealed)
        {
            var path = Path.Combine(directory, $"{episodes}-{name}.parquet");
            if (!File.Exists(path))
            {
                ParquetFiles.Run(Sql(from, to, isSealed ? 0 : 1, path + ".tmp"));
                File.Move(path + ".tmp", path);
            }

            files.Add(new ArchivedFile(Path.GetFileName(path), path, isSealed));
        }
    }

    private static string Sql(long from, long to, int term, string path) => string.Create(CultureInfo.InvariantCulture, $$"""
        SELECT setseed(0.5);
        COPY (
            SELECT '01K' || printf('%07X', i) || upper(substr(md5(i::VARCHAR), 1, 16)) AS episode_id,
                'host-' || (hash(i) % 2000) AS worker, 'org/repo#' || (i // 8 % 500) AS task, 'v' || (i // 8 % 3) AS variant_id,
                {{FirstStart}} + i * 2.5 AS start_time, {{FirstStart}} + i * 2.5 + 20 + random() * 600 AS end_time,
                CASE WHEN hash(i + 1) % 20 = 0 THEN 'lost' WHEN hash(i + 1) % 50 = 1 THEN 'aborted' ELSE 'completed' END AS status, 'submitted' AS end_cause,
                round(random(), 3) AS reported_score, CASE WHEN hash(i) % 10 < 4 THEN 1.0 WHEN hash(i) % 10 = 9 THEN NULL ELSE round(random(), 3) END AS final_score,
                (random() * 100)::BIGINT AS total_steps, (random() * 100)::BIGINT AS step_count,
                '{"run":' || i || ',"source":"' || repeat(md5(i::VARCHAR), 5) || '"}' AS metadata, '{"issue":"' || repeat(md5((i // 8)::VARCHAR), 30) || '"}' AS initial_observation,
                'g' || (i // 8) AS group_id, (i % 8)::INTEGER AS attempt, i::BIGINT AS seed, 'policy-' || (i // 50000) AS policy_version, 'swe-env@3' AS environment,
                NULL::VARCHAR AS parent_episode_id, 1800.0::DOUBLE AS deadline_seconds, CASE WHEN i % 100 = 0 THEN ['pinned'] ELSE [] END::VARCHAR[] AS labels,
                1::INTEGER AS score_count, (random() * 3)::BIGINT AS errors, 0::BIGINT AS flagged, random() AS reward_sum, random() AS cumulative_reward,
                0.5::DOUBLE AS last_pass_rate, 1760000000000000 + i * 2500000 AS last_received_at, {{term}}::BIGINT AS term, 'log' AS log, {{from}}::BIGINT AS chunk, (i % 1000)::INTEGER AS place
            FROM range({{from}}, {{to}}) r(i) ORDER BY episode_id)
        TO '{{path}}' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 4096)
        """);
}
