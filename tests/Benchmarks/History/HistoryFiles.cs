using Rollbook.Archive;
using Rollbook.Query;
using Rollbook.StepLog;

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
                using (var file = File.Create(path + ".tmp")) EpisodePackWriter.Write(file, EpisodeKey.DefaultProject, Rows(from, to, isSealed ? 0 : 1));
                File.Move(path + ".tmp", path);
            }

            files.Add(new ArchivedFile(Path.GetFileName(path), path, isSealed));
        }
    }

    private static IEnumerable<EpisodeRow> Rows(long from, long to, long term)
    {
        var log = new LogId((UInt128)(ulong)(from + 1) << 64);
        for (var i = from; i < to; i++) yield return new EpisodeRow(Record(i), Sums(i), term, log, from, (int)(i % 1000));
    }

    // What varies does so by the number alone: every run writes the same bytes.
    private static EpisodeRecord Record(long i)
    {
        var random = new Random((int)i);
        var (siblings, start) = (i / 8, FirstStart + (i * 2.5));
        var reported = Math.Round(random.NextDouble(), 3);
        return new EpisodeRecord
        {
            Key = new EpisodeKey(EpisodeKey.DefaultProject, new EpisodeId(((UInt128)(ulong)(i + 1) << 80) + (ulong)random.NextInt64())),
            Worker = $"host-{random.Next(2000)}",
            Task = $"org/repo#{siblings % 500}",
            VariantId = $"v{siblings % 3}",
            StartTime = start,
            EndTime = start + 20 + (random.NextDouble() * 600),
            Status = random.Next(100) switch { < 5 => EpisodeStatus.Lost, < 7 => EpisodeStatus.Aborted, _ => EpisodeStatus.Completed },
            EndCause = "submitted",
            ReportedScore = reported,
            FinalScore = random.Next(10) switch { < 4 => 1, 9 => null, _ => reported },
            TotalSteps = random.Next(100),
            StepCount = random.Next(100),
            Metadata = $$"""{"run":{{i}},"source":"{{Text(random, 160)}}"}""",
            InitialObservation = $$"""{"issue":"{{Text(new Random((int)siblings), 960)}}"}""",
            GroupId = $"g{siblings}",
            Attempt = (int)(i % 8),
            Seed = i,
            PolicyVersion = $"policy-{i / 50_000}",
            Environment = "swe-env@3",
            DeadlineSeconds = 1800,
            Labels = i % 100 == 0 ? ["pinned"] : [],
            ScoreCount = 1,
        };
    }

    private static StepSummary Sums(long i)
    {
        var random = new Random((int)i);
        return new StepSummary
        {
            Errors = random.Next(4), RewardSum = random.NextDouble(), CumulativeReward = random.NextDouble(), LastPassRate = 0.5, LastReceivedAt = 1_760_000_000_000_000 + (i * 2_500_000),
        };
    }

    /// <summary>Words as of a report: half of the characters are new.</summary>
    private static string Text(Random random, int length) => string.Create(length, random, static (text, random) =>
    {
        for (var i = 0; i < text.Length; i += 8)
        {
            var word = text[i..Math.Min(text.Length, i + 8)];
            if (i >= 8 && random.Next(2) == 0) text.Slice(random.Next(i - word.Length + 1), word.Length).CopyTo(word);
            else random.GetItems("etaoinshrdlu,. ", word);
        }
    });
}
