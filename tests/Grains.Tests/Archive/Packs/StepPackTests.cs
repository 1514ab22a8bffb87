using System.Buffers;
using System.Globalization;
using CsCheck;
using Rollbook.Archive;
using Rollbook.StepLog;
using Rollbook.Testing;
using Xunit;

namespace Rollbook.Grains.Tests.Archive;

public sealed class StepPackTests
{
    private static readonly int Files = int.Parse(Environment.GetEnvironmentVariable("ROLLBOOK_PACK_FILES") ?? "200", CultureInfo.InvariantCulture);
    private static readonly PackTuning Small = new() { GroupRows = 7, PageBytes = 256 };

    [Fact]
    public void ReadAll_OfAnySteps_GivesThemBackByteForByte()
    {
        var rows = 0L;
        Gen.Select(StepGen.Step.Array[1, 60], Gen.Int).Sample(
            (steps, seed) =>
            {
                var packed = PackSteps.Spread(steps, new Random(seed));
                var file = PackSteps.Write(packed, Small);
                var read = PackSteps.ReadAll(file);
                Interlocked.Add(ref rows, read.Count);
                return packed.Count == read.Count && packed.Zip(read).All(static pair => PackSteps.Same(pair.First, pair.Second));
            },
            iter: Files);
        Figures.Report("packs", $"{rows} generated steps through {Files} files: 0 entries differ");
    }

    [Fact]
    public void Read_OfAnyStretch_GivesWhatAListWould()
    {
        var reads = 0L;
        Gen.Select(StepGen.Step.Array[1, 60], Gen.Int).Sample(
            (steps, seed) =>
            {
                var random = new Random(seed);
                var packed = PackSteps.Spread(steps, random);
                using var reader = PackSteps.Open(PackSteps.Write(packed, Small));
                for (var i = 0; i < 20; i++)
                {
                    var episode = packed[random.Next(packed.Count)].Episode;
                    if (random.Next(8) == 0) episode = PackSteps.Episode(random.Next(100));
                    var (from, most) = ((long)random.Next(12), random.Next(1, 15));
                    var expected = packed.Where(step => step.Episode == episode && step.Ordinal >= from).Take(most).TakeWhile((step, n) => step.Ordinal == from + n).ToList();
                    var into = new ArrayBufferWriter<byte>();
                    var count = reader.Read(episode, from, most, into);
                    Interlocked.Increment(ref reads);
                    if (count != expected.Count || !into.WrittenSpan.SequenceEqual(expected.SelectMany(static step => step.Entry.ToArray()).ToArray())) return false;
                }

                return true;
            },
            iter: Math.Max(1, Files / 3));
        Figures.Report("packs", $"{reads} reads of a stretch of an episode: all as from a list");
    }

    [Fact]
    public void Read_OfOneEpisode_ReadsNoRowGroupWithoutIt()
    {
        var packed = Enumerable.Range(0, 60).SelectMany(e => Enumerable.Range(0, 20).Select(o => PackSteps.Step(e, o, Unlike(e, o)))).ToList();
        var file = PackSteps.Write(packed, new PackTuning { GroupRows = 20 });
        using var all = PackSteps.Open(file);
        var footer = all.BytesRead;
        Assert.Equal(1200, all.ReadAll().Count());
        var whole = all.BytesRead - footer;

        using var one = PackSteps.Open(file);
        Assert.Equal(20, one.Read(PackSteps.Episode(31), 0, 1000, new ArrayBufferWriter<byte>()));
        Assert.InRange(one.BytesRead - footer, 1, whole / 60 * 3 / 2);
        var before = one.BytesRead;
        Assert.Equal(0, one.Read(PackSteps.Episode(1000), 0, 1000, new ArrayBufferWriter<byte>()));
        Assert.Equal(before, one.BytesRead);
    }

    [Fact]
    public void Read_WithFramesOfSeveralTerms_TakesThoseThatBelongAndTheNewestOfTwo()
    {
        List<PackedStep> packed =
        [
            PackSteps.Step(1, 0, """{"action_type":"a"}""", term: 1),
            PackSteps.Step(1, 1, """{"action_type":"old"}""", term: 1),
            PackSteps.Step(1, 1, """{"action_type":"new"}""", term: 2),
            PackSteps.Step(1, 2, """{"action_type":"zombie"}""", term: 1),
            PackSteps.Step(1, 2, """{"action_type":"b"}""", term: 2),
            PackSteps.Step(1, 3, """{"action_type":"zombie"}""", term: 1),
        ];
        foreach (var rows in new[] { 1, 2, 3, 100 })
        {
            using var reader = PackSteps.Open(PackSteps.Write(packed, new PackTuning { GroupRows = rows }));
            Assert.Equal(["a", "new", "b", "zombie"], Actions(reader, 0, 10, null));
            Assert.Equal(["new", "b"], Actions(reader, 1, 10, static (term, log) => term == 2 && log == PackSteps.Log));
            Assert.Equal(["a", "old", "zombie", "zombie"], Actions(reader, 0, 10, static (term, _) => term == 1));
            Assert.Equal(["old"], Actions(reader, 1, 1, static (term, _) => term == 1));
            Assert.Empty(Actions(reader, 0, 10, static (term, _) => term == 2));
            Assert.Empty(Actions(reader, 0, 10, static (_, log) => log != PackSteps.Log));
        }
    }

    [Fact]
    public async Task ReadAsync_FromAnArchive_GivesTheSteps()
    {
        using var store = new MemoryArchiveStore();
        List<PackedStep> packed = [.. Enumerable.Range(0, 50).Select(o => PackSteps.Step(3, o, Unlike(3, o)))];
        var name = ArchivePaths.Pack("default", PackSteps.Log, 0, 9, ArchiveKind.Steps);
        string? sha256 = null;
        await store.PutAsync(
            name,
            (stream, _) =>
            {
                using var hashing = new HashingStream(stream);
                Assert.Equal(50, StepPackWriter.Write(hashing, packed));
                sha256 = hashing.Sha256;
                Assert.Equal(stream.Position, hashing.Length);
                return Task.CompletedTask;
            },
            CancellationToken.None);

        await using var found = await store.OpenAsync(name, CancellationToken.None);
        Assert.Equal(found!.ETag, sha256);
        using var reader = new StepPackReader(found.Content, name);
        Assert.Equal(50, reader.Rows);
        var into = new ArrayBufferWriter<byte>();
        Assert.Equal(5, await reader.ReadAsync(PackSteps.Episode(3), 45, 100, into, null, CancellationToken.None));
        Assert.Equal(packed.Skip(45).SelectMany(static step => step.Entry.ToArray()), into.WrittenSpan.ToArray());
    }

    [Fact]
    public void Add_OutOfOrder_IsRefused()
    {
        using var writer = new StepPackWriter(new MemoryStream());
        writer.Add(PackSteps.Step(2, 5, """{"action_type":"a"}"""));
        Assert.Throws<ArgumentException>(() => writer.Add(PackSteps.Step(2, 4, """{"action_type":"a"}""")));
        Assert.Throws<ArgumentException>(() => writer.Add(PackSteps.Step(1, 9, """{"action_type":"a"}""")));
    }

    [Fact]
    public void ReadAll_OfALineThatIsNotCanonical_GivesItBack()
    {
        // As another release's encoder may have written it: this one would put the fields in another order.
        var line = """{"reward":0.5,"action_type":"a"}"""u8.ToArray();
        var entry = new byte[StepEntry.HeaderSize + line.Length];
        line.CopyTo(entry, StepEntry.HeaderSize);
        var hash = System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(System.Security.Cryptography.SHA256.HashData(line));
        StepEntry.WriteHead(entry, line.Length, StepFlags.None, hash, 7, StepEntry.NoStepNumber, 0.5, 0, double.NaN);
        var step = new PackedStep(PackSteps.Episode(1), 0, 1, PackSteps.Log, 2, 3, entry);

        Assert.True(PackSteps.Same(step, Assert.Single(PackSteps.ReadAll(PackSteps.Write([step])))));
    }

    [Fact]
    public void Write_WithALargeStep_HoldsOneRowGroupAtATime()
    {
        var large = new string('x', 3 << 20);
        List<PackedStep> packed = [.. Enumerable.Range(0, 12).Select(o => PackSteps.Step(1, o, $$"""{"action_type":"a","response":"{{large}}"}"""))];
        var file = PackSteps.Write(packed, new PackTuning { GroupBytes = 4 << 20 });
        using var reader = PackSteps.Open(file);

        Assert.Equal(12, reader.Read(PackSteps.Episode(1), 0, 100, new ArrayBufferWriter<byte>()));
    }

    private static string Unlike(int episode, int ordinal)
    {
        var noise = new byte[600];
        new Random((episode * 1000) + ordinal).NextBytes(noise);
        return $$"""{"action_type":"run","observation_snapshot":{"out":"{{Convert.ToBase64String(noise)}}"},"reward":{{ordinal}}.5}""";
    }

    private static List<string> Actions(StepPackReader reader, long from, int most, Func<long, LogId, bool>? belongs)
    {
        var into = new ArrayBufferWriter<byte>();
        var count = reader.Read(PackSteps.Episode(1), from, most, into, belongs);
        var actions = new List<string>();
        for (var rest = into.WrittenSpan; !rest.IsEmpty;)
        {
            var entry = StepEntry.Read(rest);
            using var json = System.Text.Json.JsonDocument.Parse(entry.Line.ToArray());
            actions.Add(json.RootElement.GetProperty("action_type").GetString()!);
            rest = rest[entry.Length..];
        }

        Assert.Equal(count, actions.Count);
        return actions;
    }
}
