using System.Collections.Concurrent;
using System.Globalization;
using DuckDB.NET.Data;

namespace Rollbook.Query;

/// <summary>
/// One project's episodes in an engine of its own, in memory, compressed: the rows of the archive's files and, beside them, what the logs hold. A pin is applied in
/// one transaction, so that a reader sees one pinned moment whole.
/// </summary>
/// <remarks>
/// <c>archived</c> has every row of every file. <c>seq</c> says where it stands: the file's number × 2^32 + the row's place in the file. <c>newest</c> marks the one
/// row of an episode that counts. <c>live</c> has the live rows that count, with negative <c>seq</c>; <c>shadow</c> the archived rows that they replace, and those of deleted episodes. Values that
/// can be large stay in the files (<see cref="EpisodeColumns"/>).
/// </remarks>
internal sealed class EpisodeTable : IDisposable
{
    /// <summary>So many new rows are worth a checkpoint, which compresses them; fewer cost less than it does.</summary>
    public const long RowsToCompress = 100_000;

    // A reader asks for its moment as it begins: more can't pass meanwhile.
    private const int PinsToKnow = 64;
    private const string SpillPrefix = "table-";

    private readonly DuckDBConnection root = new("DataSource=:memory:");
    private readonly ConcurrentDictionary<long, QuerySource> pinned = new() { [0] = QuerySource.Empty };
    private readonly WideTexts texts = new();
    private readonly string spill;
    private Dictionary<string, (int Number, string Path)> files = [];
    private Dictionary<int, string> paths = [];
    private IReadOnlyList<LiveEpisode>? appliedLive;
    private IReadOnlySet<EpisodeId> appliedDeleted = new HashSet<EpisodeId>();
    private int lastNumber;
    private long lastPin;
    private long uncompressed;
    private long kept;
    private long gone;
    private bool applied;

    /// <summary>Opens an empty table.</summary>
    public EpisodeTable(QueryOptions options)
    {
        // Of this table alone: the engine leaves nothing there when it closes, but a killed process does.
        spill = Path.Combine(options.SpillDirectory ?? Path.Combine(Path.GetTempPath(), "rollbook-query"), SpillPrefix + Guid.NewGuid().ToString("N"));
        Directory.CreateDirectory(spill);
        root.Open();
        Run($"SET memory_limit = '{Whole(options.TableMegabytes)}MiB'");
        Run($"SET threads = {Whole(QueryOptions.ThreadsOf(options.Threads))}");
        Run($"SET temp_directory = '{spill.Replace("'", "''", StringComparison.Ordinal)}'");
        Run($"SET max_temp_directory_size = '{Whole(options.SpillMegabytes)}MiB'");
        Run("SET autoinstall_known_extensions = false; SET autoload_known_extensions = false; SET allow_community_extensions = false");
        Run("SET preserve_insertion_order = false; SET parquet_metadata_cache = true");
        Run("ATTACH ':memory:' AS m (COMPRESS)");
        Run($"CREATE TABLE m.archived (seq BIGINT NOT NULL, newest BOOLEAN NOT NULL, {EpisodeColumns.NarrowDefinitions})");
        // Rows of a page are fetched one by one: a scan would decompress all columns of all rows.
        Run("CREATE INDEX by_seq ON m.archived (seq)");
        Run($"CREATE TABLE m.live (seq BIGINT NOT NULL, {EpisodeColumns.Definitions})");
        Run("CREATE TABLE m.shadow (seq BIGINT NOT NULL)");
        Run("CREATE TABLE m.pin (number BIGINT, shadows BIGINT)");
        Run("INSERT INTO m.pin VALUES (0, 0)");
    }

    /// <summary>Whether more rows have gone than are left: they keep their memory, since the engine doesn't take rows out from under an index.</summary>
    public bool IsWorn => gone > kept + RowsToCompress;

    /// <summary>Begins to count anew what has gone, where this table has to go on.</summary>
    public void KeepWorn() => gone = 0;

    /// <summary>Removes what a killed process left of its tables.</summary>
    /// <param name="directory">Where only this process's tables spill.</param>
    public static void Clean(string directory)
    {
        if (!Directory.Exists(directory)) return;
        foreach (var left in Directory.EnumerateDirectories(directory, SpillPrefix + "*")) Directory.Delete(left, recursive: true);
    }

    /// <summary>Makes a pinned moment the one that readers see. One call at a time.</summary>
    /// <exception cref="DuckDBException">A file can't be read, or there is no memory: readers see what they saw before.</exception>
    public void Apply(QuerySource source)
    {
        var wanted = source.Episodes.DistinctBy(file => file.Name).ToDictionary(file => file.Name, file => file.Path);
        var removed = files.Where(file => !wanted.ContainsKey(file.Key)).Select(file => file.Value.Number).ToList();
        var next = files.Where(file => wanted.ContainsKey(file.Key)).ToDictionary(file => file.Key, file => (file.Value.Number, wanted[file.Key]));
        var added = wanted.Where(file => !files.ContainsKey(file.Key)).Select(file => (Number: ++lastNumber, Path: file.Value, Name: file.Key)).ToList();
        foreach (var file in added) next.Add(file.Name, (file.Number, file.Path));

        // Nobody reads yet: a first load needs no transaction, whose rows would all lie in memory uncompressed.
        if (!applied) LoadFirst(added);
        (long Added, long Removed) rows = (0, 0);
        Run("BEGIN TRANSACTION");
        try
        {
            if (removed.Count + added.Count > 0) rows = Replace(removed, added);
            if (removed.Count + added.Count > 0 || !ReferenceEquals(appliedLive, source.Live) || !appliedDeleted.SetEquals(source.Deleted)) Merge(source);
            Pin(source);
            Run("COMMIT");
        }
        catch
        {
            Run("ROLLBACK");
            if (!applied)
            {
                kept = 0;
                Run("TRUNCATE m.archived");
            }

            throw;
        }

        (files, appliedLive, appliedDeleted, applied) = (next, source.Live, source.Deleted, true);
        // A reader that began before sees rows of files that have gone; it needs no more than their paths.
        paths = next.Values.ToDictionary(file => file.Number, file => file.Item2);
        texts.Forget(removed);
        pinned.TryRemove(lastPin - PinsToKnow, out _);
        (uncompressed, kept, gone) = (uncompressed + rows.Added, kept + rows.Added - rows.Removed, gone + rows.Removed);
        if (uncompressed >= RowsToCompress) Compress();
    }

    /// <summary>Begins to read the moment that was applied last. The caller disposes it.</summary>
    public TableSession Open()
    {
        // Before the session begins: its moment is this one or a later one, whose files are these or fewer.
        var known = paths;
        var connection = root.Duplicate();
        connection.Open();
        return new TableSession(connection, texts, number => pinned[number], number => paths.TryGetValue(number, out var path) || known.TryGetValue(number, out path) ? path : null);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        root.Dispose();
        if (Directory.Exists(spill)) Directory.Delete(spill, recursive: true);
    }

    private static string Whole(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Numbers(IEnumerable<int> numbers) => string.Join(", ", numbers.Select(number => Whole(number)));

    /// <summary>Changes the rows to those of other files, and says how many are new and how many have gone.</summary>
    private (long Added, long Removed) Replace(List<int> removed, List<(int Number, string Path, string Name)> added)
    {
        var (addedRows, removedRows) = (0L, 0L);
        Run("CREATE OR REPLACE TEMP TABLE touched (episode_id VARCHAR)");
        if (removed.Count > 0)
        {
            Run($"INSERT INTO touched SELECT DISTINCT episode_id FROM m.archived WHERE (seq >> 32) IN ({Numbers(removed)})");
            removedRows = Run($"DELETE FROM m.archived WHERE (seq >> 32) IN ({Numbers(removed)})");
            // What a row that has gone had replaced counts again; which of them is decided below.
            Run("UPDATE m.archived SET newest = true WHERE NOT newest AND episode_id IN (SELECT episode_id FROM touched)");
        }

        if (applied)
        {
            foreach (var (number, path, _) in added) addedRows += Insert(number, path);
        }

        if (added.Count > 0) Run($"INSERT INTO touched SELECT episode_id FROM m.archived WHERE (seq >> 32) IN ({Numbers(added.Select(file => file.Number))})");
        Run("""
            CREATE OR REPLACE TEMP TABLE contested AS
            SELECT episode_id FROM m.archived WHERE episode_id IN (SELECT episode_id FROM touched) GROUP BY episode_id HAVING count(*) > 1
            """);
        Run("""
            UPDATE m.archived SET newest = false WHERE newest AND seq IN (
                SELECT seq FROM (
                    SELECT seq, row_number() OVER (PARTITION BY episode_id ORDER BY term DESC, chunk DESC, place DESC, seq DESC) AS age
                    FROM m.archived WHERE episode_id IN (SELECT episode_id FROM contested))
                WHERE age > 1)
            """);
        Run("DROP TABLE touched; DROP TABLE contested");
        return (addedRows, removedRows);
    }

    private void LoadFirst(List<(int Number, string Path, string Name)> added)
    {
        try
        {
            foreach (var (number, path, _) in added)
            {
                var rows = Insert(number, path);
                (uncompressed, kept) = (uncompressed + rows, kept + rows);
                if (uncompressed >= RowsToCompress) Compress();
            }
        }
        catch
        {
            kept = 0;
            Run("TRUNCATE m.archived");
            throw;
        }
    }

    private long Insert(int number, string path)
    {
        using var insert = new SqlText()
            .Add($"INSERT INTO m.archived SELECT {Whole((long)number << 32)} + file_row_number, true, {EpisodeColumns.NarrowCast} FROM read_parquet(").Value(path)
            .Add(", file_row_number = true)").Command(root);
        return insert.ExecuteNonQuery();
    }

    /// <summary>Puts the live rows that count beside the archived ones.</summary>
    private void Merge(QuerySource source)
    {
        Run($"CREATE OR REPLACE TABLE m.live (seq BIGINT NOT NULL, {EpisodeColumns.Definitions})");
        long seq = 0;
        long lastOwned = 0;
        using (var appender = root.CreateAppender("m", "main", "live"))
        {
            // Those that another log was about to take over come last: their place tells them apart below.
            foreach (var episode in LiveRows.Newest(source.Live).OrderBy(static e => e.Left))
            {
                if (source.Deleted.Contains(episode.Record.Key.Id)) continue;
                if (!episode.Left) lastOwned = seq - 1;
                var row = appender.CreateRow().AppendValue(--seq);
                LiveRows.Append(row, episode);
                row.EndRow();
            }
        }

        // What runs is newer than any file, unless it may have ended elsewhere since.
        Run($"""
            CREATE OR REPLACE TEMP TABLE met AS
            SELECT a.seq AS archived, l.seq AS live, (l.status = 'running' AND l.seq >= {Whole(lastOwned)}) OR (l.term, l.chunk, l.place) > (a.term, a.chunk, a.place) AS replaces
            FROM m.archived a JOIN m.live l ON a.episode_id = l.episode_id WHERE a.newest
            """);
        Run("CREATE OR REPLACE TABLE m.shadow AS SELECT archived AS seq FROM met WHERE replaces");
        Run("DELETE FROM m.live WHERE seq IN (SELECT live FROM met WHERE NOT replaces)");
        Run("DROP TABLE met");
        if (source.Deleted.Count > 0) Hide(source.Deleted);
    }

    // Archived rows of deleted episodes stay in their files for a while: they are shadowed, by nothing.
    private void Hide(IReadOnlySet<EpisodeId> deleted)
    {
        Run("CREATE OR REPLACE TABLE m.deleted (episode_id VARCHAR NOT NULL)");
        using (var appender = root.CreateAppender("m", "main", "deleted"))
            foreach (var id in deleted) appender.CreateRow().AppendValue(id.ToString()).EndRow();
        Run("INSERT INTO m.shadow SELECT seq FROM m.archived WHERE newest AND episode_id IN (SELECT episode_id FROM m.deleted)");
        Run("DROP TABLE m.deleted");
    }

    /// <summary>Tells readers which moment they see.</summary>
    private void Pin(QuerySource source)
    {
        pinned[++lastPin] = source;
        Run($"UPDATE m.pin SET number = {Whole(lastPin)}, shadows = (SELECT count(*) FROM m.shadow)");
    }

    private void Compress()
    {
        try
        {
            Run("CHECKPOINT m");
            uncompressed = 0;
        }
        catch (DuckDBException)
        {
            // A reader is in the way: the next change tries again.
        }
    }

    private int Run(string ours)
    {
        using var command = root.CreateCommand();
        command.CommandText = ours;
        return command.ExecuteNonQuery();
    }
}
