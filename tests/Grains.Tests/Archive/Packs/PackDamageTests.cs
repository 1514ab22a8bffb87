using System.Buffers;
using System.Globalization;
using Rollbook.Archive;
using Rollbook.Testing;
using Xunit;

namespace Rollbook.Grains.Tests.Archive;

/// <summary>Files with flipped bits and cut ends: what is given of them is right, or nothing is given.</summary>
public sealed class PackDamageTests
{
    private static readonly int Flips = int.Parse(Environment.GetEnvironmentVariable("ROLLBOOK_PACK_FLIPS") ?? "2000", CultureInfo.InvariantCulture);

    [Fact]
    public void StepPackReader_WithAnyBitFlipped_NeverGivesAnotherStep()
    {
        var packed = Steps();
        var file = PackSteps.Write(packed, new PackTuning { GroupRows = 16, PageBytes = 512 });
        var episodes = packed.GroupBy(static step => step.Episode).Select(static g => (g.Key, Count: g.Count(), Bytes: g.SelectMany(static s => s.Entry.ToArray()).ToArray())).ToList();
        Flip("steps", file, Flips, damaged =>
        {
            using var reader = PackSteps.Open(damaged);
            // By stretches and as a whole: these are different ways through the file.
            foreach (var (episode, count, bytes) in episodes)
            {
                var into = new ArrayBufferWriter<byte>();
                Assert.Equal(count, reader.Read(episode, 0, 1000, into));
                Assert.True(into.WrittenSpan.SequenceEqual(bytes), "other bytes");
            }

            var read = reader.ReadAll().Select(static step => step with { Entry = step.Entry.ToArray() }).ToList();
            Assert.Equal(packed.Count, read.Count);
            Assert.All(packed.Zip(read), static pair => Assert.True(PackSteps.Same(pair.First, pair.Second)));
        });
    }

    [Fact]
    public void EpisodePackReader_WithAnyBitFlipped_NeverGivesAnotherRow()
    {
        var rows = PackRows.Episodes();
        Flip("episodes", PackRows.Write(rows, new PackTuning { GroupRows = 2 }), Flips / 4, damaged =>
        {
            using var reader = PackRows.OpenEpisodes(damaged);
            Assert.Equal(rows.Count, reader.Rows);
            Assert.All(rows.Zip(reader.ReadAll()), static pair => Assert.True(PackRows.Same(pair.First, pair.Second)));
            Assert.All(rows, row => Assert.True(PackRows.Same(row, reader.Read(row.Record.Key.Id)!)));
        });
    }

    [Fact]
    public void ScorePackReader_WithAnyBitFlipped_NeverGivesAnotherRow()
    {
        var rows = PackRows.Scores();
        Flip("scores", PackRows.Write(rows, new PackTuning { GroupRows = 2 }), Flips / 4, damaged =>
        {
            using var reader = PackRows.OpenScores(damaged);
            Assert.Equal(rows, reader.ReadAll().ToList());
            Assert.All(rows, row => Assert.Equal(rows.Where(other => other.Episode == row.Episode), reader.Read(row.Episode)));
        });
    }

    [Fact]
    public void Open_OfAFileThatWasCut_IsDamage()
    {
        var file = PackSteps.Write(Steps());
        for (var length = 0; length < file.Length; length += Math.Max(1, file.Length / 200))
            Assert.Throws<PackDamagedException>(() => PackSteps.ReadAll(file[..length]));
        Assert.Throws<PackDamagedException>(() => PackSteps.ReadAll(file[..^1]));
    }

    [Fact]
    public void Read_WithAHashThatIsAnothers_NamesTheFileAndTheRow()
    {
        var packed = Steps();
        var wrong = packed[31].Entry.ToArray();
        wrong[9] ^= 1;
        packed[31] = packed[31] with { Entry = wrong };
        using var reader = PackSteps.Open(PackSteps.Write(packed, new PackTuning { GroupRows = 16 }));

        var damaged = Assert.Throws<PackDamagedException>(() => reader.ReadAll().Count());
        Assert.Equal(("test.steps.parquet", 31L), (damaged.File, damaged.Row));
        Assert.Contains("hash", damaged.Message, StringComparison.Ordinal);
        // What lies beside it is served.
        var into = new ArrayBufferWriter<byte>();
        Assert.Equal(5, reader.Read(packed[26].Episode, packed[26].Ordinal, 5, into));
        Assert.Throws<PackDamagedException>(() => reader.Read(packed[26].Episode, packed[26].Ordinal, 6, into));
    }

    private static void Flip(string kind, byte[] file, int flips, Action<byte[]> read)
    {
        var random = new Random(11);
        var (refused, newer, harmless) = (0, 0, 0);
        read(file);
        for (var i = 0; i < flips; i++)
        {
            var damaged = (byte[])file.Clone();
            var at = random.Next(file.Length);
            var bit = random.Next(8);
            damaged[at] ^= (byte)(1 << bit);
            try
            {
                read(damaged);
                harmless++;
            }
            catch (PackDamagedException)
            {
                refused++;
            }
            catch (PackVersionException)
            {
                newer++;
            }
            catch (Exception error)
            {
                Assert.Fail($"{kind}: bit {bit} of byte {at} of {file.Length}: {error}");
            }
        }

        Assert.True(refused > flips / 10, $"only {refused} of {flips} flips were seen");
        Figures.Report(
            "T5", $"{flips} bits of a pack of {kind} ({file.Length} bytes) flipped: {refused} refused as damage, {newer} as a newer format, {harmless} in statistics and page indexes, with all rows as they were");
    }

    private static List<PackedStep> Steps()
    {
        var random = new Random(3);
        var steps = new List<PackedStep>();
        for (var episode = 0; episode < 4; episode++)
        {
            for (var ordinal = 0; ordinal < 12; ordinal++)
            {
                var noise = new byte[30];
                random.NextBytes(noise);
                var json = $$"""
                    {"timestamp":{{1763890000 + ordinal}}.25,"action_type":"run","action_query":"{{Convert.ToBase64String(noise)}}","observation_snapshot":{"code":{{ordinal % 3}},"out":"line\nline"},
                    "reward":{{random.Next(100)}}.5,"cumulative_reward":1.0,"security_flags":["net","x{{ordinal}}"],"thought":"thinking of {{random.Next()}}","extra":{"call":"{{random.Next()}}"} }
                    """;
                steps.Add(PackSteps.Step(episode, ordinal, json, 1, ordinal, episode));
            }
        }

        return steps;
    }
}
