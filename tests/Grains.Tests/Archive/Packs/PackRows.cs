using CsCheck;
using Rollbook.Archive;
using Rollbook.Grains.Tests.Golden;

namespace Rollbook.Grains.Tests.Archive;

/// <summary>Episodes and score events to pack.</summary>
internal static class PackRows
{
    public const string Project = "mañana";

    private static readonly Gen<string> Text = Gen.OneOf(Gen.OneOf("", "a", "ü\n\"\\", "org/repo#12", "😀\0"), Gen.String[Gen.Char['\0', '\ud7ff'], 0, 40]);
    private static readonly Gen<string?> Optional = Gen.Frequency((1, Gen.Const((string?)null)), (2, Text.Select(static t => (string?)t)));
    private static readonly Gen<double?> Score = Gen.Frequency(
        (1, Gen.Const((double?)null)), (3, Gen.OneOf(Gen.Double, Gen.OneOf(0, -0.0, double.NaN, double.PositiveInfinity, 1)).Select(static d => (double?)d)));

    public static readonly Gen<EpisodeRow> Episode = Gen.Select(
        Gen.Select(Text, Text, Text, Optional, Optional, Optional, Optional, Optional),
        Gen.Select(Score, Score, Score, Gen.Double, Gen.Double, Gen.Double),
        Gen.Select(Gen.Long, Gen.Long, Gen.Int, Gen.Int, Gen.Bool, Gen.Enum<EpisodeStatus>(), Text.Array[0, 4]),
        static (texts, numbers, counts) => new EpisodeRow(
            new EpisodeRecord
            {
                Key = new EpisodeKey(Project, new EpisodeId((UInt128)(ulong)counts.Item1 << 20)),
                Worker = texts.Item1,
                Task = texts.Item2,
                VariantId = texts.Item3,
                StartTime = numbers.Item4,
                EndTime = numbers.Item1,
                Status = counts.Item6,
                EndCause = texts.Item4,
                ReportedScore = numbers.Item2,
                FinalScore = numbers.Item3,
                TotalSteps = counts.Item2,
                StepCount = counts.Item3,
                Metadata = texts.Item5,
                InitialObservation = texts.Item6,
                GroupId = texts.Item7,
                Attempt = counts.Item5 ? counts.Item4 : null,
                Seed = counts.Item5 ? null : counts.Item2,
                PolicyVersion = texts.Item8,
                Environment = texts.Item4,
                ParentEpisodeId = counts.Item5 ? new EpisodeId(UInt128.MaxValue - (UInt128)(uint)counts.Item4) : null,
                DeadlineSeconds = numbers.Item5,
                StartHash = ((UInt128)(ulong)counts.Item1 << 64) + (ulong)counts.Item2,
                Labels = counts.Item7,
                ScoreCount = counts.Item4,
            },
            new StepSummary
            {
                Errors = counts.Item3,
                Flagged = counts.Item4,
                RewardSum = numbers.Item6,
                CumulativeReward = numbers.Item5,
                LastPassRate = numbers.Item1,
                LastReceivedAt = counts.Item1,
            },
            counts.Item2,
            PackSteps.Log,
            counts.Item1,
            counts.Item3));

    public static readonly Gen<ScoreRow> ScoreEvent = Gen.Select(
        Gen.Select(Text, Text, Text, Optional, Optional),
        Gen.Select(Score, Score),
        Gen.Select(Gen.Int[0, 30], Gen.Long, Gen.Int),
        static (texts, numbers, counts) => new ScoreRow(
            PackSteps.Episode(counts.Item1),
            new ScoreEvent
            {
                EventId = texts.Item1, Name = texts.Item2, Source = texts.Item3, Rationale = texts.Item4, Metadata = texts.Item5, Value = numbers.Item1, Time = numbers.Item2,
            },
            counts.Item2,
            PackSteps.Log,
            counts.Item2,
            counts.Item3));

    /// <summary>Some rows of which every field has a value in one, and none in another.</summary>
    public static List<EpisodeRow> Episodes() =>
    [
        new(GoldenValues.Record() with { Key = new EpisodeKey(Project, PackSteps.Episode(1)) }, StepSummary.Empty, 3, PackSteps.Log, 7, 1),
        new(
            GoldenValues.Record() with
            {
                Key = new EpisodeKey(Project, PackSteps.Episode(2)), Status = EpisodeStatus.Completed, EndCause = "submitted", EndTime = 1_763_890_009.5, FinalScore = 0.75,
                ReportedScore = 0.5, Labels = ["pinned", "ä"], ScoreCount = 2,
            },
            GoldenValues.Tail().Summary,
            4,
            PackSteps.Log,
            8,
            2),
        new(
            new EpisodeRecord { Key = new EpisodeKey(Project, PackSteps.Episode(3)), Worker = "w", Task = "t", VariantId = "", StartTime = 1, Status = EpisodeStatus.Lost },
            StepSummary.Empty,
            1,
            PackSteps.Log,
            9,
            0),
    ];

    /// <summary>Some events of which every field has a value in one, and none in another.</summary>
    public static List<ScoreRow> Scores() =>
    [
        new(PackSteps.Episode(1), GoldenValues.Score(), 3, PackSteps.Log, 7, 1),
        new(PackSteps.Episode(2), new ScoreEvent { EventId = "e", Name = "n", Value = null, Source = "s", Time = 2 }, 3, PackSteps.Log, 7, 2),
        new(PackSteps.Episode(2), GoldenValues.Score() with { EventId = "f", Value = 0.5 }, 3, PackSteps.Log, 7, 3),
    ];

    public static byte[] Write(IEnumerable<EpisodeRow> rows, PackTuning? tuning = null)
    {
        var file = new MemoryStream();
        EpisodePackWriter.Write(file, Project, rows, tuning ?? PackTuning.Default);
        return file.ToArray();
    }

    /// <summary>A file as the product lays it out.</summary>
    public static byte[] WriteOf(string project, IEnumerable<EpisodeRow> rows)
    {
        var file = new MemoryStream();
        EpisodePackWriter.Write(file, project, rows);
        return file.ToArray();
    }

    public static byte[] Write(IEnumerable<ScoreRow> rows, PackTuning? tuning = null)
    {
        var file = new MemoryStream();
        ScorePackWriter.Write(file, rows, tuning ?? PackTuning.Default);
        return file.ToArray();
    }

    public static EpisodePackReader OpenEpisodes(byte[] file) => new(new MemoryStream(file, writable: false), "test.episodes.parquet", Project);

    public static ScorePackReader OpenScores(byte[] file) => new(new MemoryStream(file, writable: false), "test.scores.parquet");

    public static bool Same(EpisodeRow a, EpisodeRow b) =>
        // A record compares lists by reference; -0 is not 0.
        a.Record.Labels.SequenceEqual(b.Record.Labels)
        && a with { Record = a.Record with { Labels = b.Record.Labels } } == b
        && BitConverter.DoubleToInt64Bits(a.Record.FinalScore ?? 7) == BitConverter.DoubleToInt64Bits(b.Record.FinalScore ?? 7);
}
