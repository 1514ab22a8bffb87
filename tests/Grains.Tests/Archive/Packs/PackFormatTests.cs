using System.Buffers;
using ParquetSharp;
using Rollbook.Archive;
using Rollbook.Grains.Tests.Golden;
using Xunit;

namespace Rollbook.Grains.Tests.Archive;

/// <summary>The formats as they were written first, and files of releases that are not this one.</summary>
public sealed class PackFormatTests
{
    private static List<PackedStep> Steps() =>
    [
        PackSteps.Step(1, 0, """
            {"step_number":7,"timestamp":1763890000.25,"action_type":"edit_file","action_path":"/x/ü.py","action_query":"q","action_content_length":12,"action_content":"a\nb",
            "observation_snapshot":{"a":[1,2.50,"\u00e9"]},"reward":1.0,"cumulative_reward":-0.0,"done":false,"error":"boom","file_diff":{"path":"x"},"test_pass_rate":0.5,
            "duration_ms":1e400}
            """.Replace("1e400", "\"Infinity\"", StringComparison.Ordinal), term: 1, chunk: 4, place: 2),
        PackSteps.Step(1, 1, """{"action_type":"r\/un","security_flags":["net","\u00e9"],"thought":"日本","response":"","agent_id":"a","extra":{"k":1e400},"new_field":[1.0]}""", 2, 5, 3),
        PackSteps.Step(2, 0, """{"action_type":"","observation_snapshot":null,"security_flags":[],"done":true,"reward":1.50}""", 1, 6, 0),
    ];

    [Fact]
    public void Steps_OfTheFirstFormat_AreRead()
    {
        Assert.True(Same(Steps(), PackSteps.ReadAll(Golden("steps-v1.parquet", PackSteps.Write(Steps(), new PackTuning { GroupRows = 2 })))));
        static bool Same(List<PackedStep> a, List<PackedStep> b) => a.Count == b.Count && a.Zip(b).All(static pair => PackSteps.Same(pair.First, pair.Second));
    }

    [Fact]
    public void Episodes_OfTheFirstFormat_AreRead()
    {
        using var reader = PackRows.OpenEpisodes(Golden("episodes-v1.parquet", PackRows.Write(PackRows.Episodes(), new PackTuning { GroupRows = 2 })));
        Assert.All(PackRows.Episodes().Zip(reader.ReadAll()), static pair => Assert.True(PackRows.Same(pair.First, pair.Second)));
        Assert.Equal(3, reader.Rows);
    }

    [Fact]
    public void Scores_OfTheFirstFormat_AreRead()
    {
        using var reader = PackRows.OpenScores(Golden("scores-v1.parquet", PackRows.Write(PackRows.Scores(), new PackTuning { GroupRows = 2 })));
        Assert.Equal(PackRows.Scores(), reader.ReadAll());
    }

    [Theory]
    [InlineData("2")]
    [InlineData("1000")]
    public void Open_OfANewerFormat_SaysSoAndNotDamage(string version)
    {
        var newer = Assert.Throws<PackVersionException>(() => PackSteps.Open(Rewritten(version)));
        Assert.Contains("newer", newer.Message, StringComparison.Ordinal);
        Assert.Contains("test.steps.parquet", newer.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("0")]
    [InlineData("one")]
    [InlineData("-1")]
    public void Open_OfAFileWithoutAFormat_IsDamage(string? version) => Assert.Throws<PackDamagedException>(() => PackSteps.Open(Rewritten(version)));

    [Fact]
    public void Open_OfAnotherKind_IsDamage() =>
        Assert.Throws<PackDamagedException>(() => PackSteps.Open(PackRows.Write(PackRows.Scores())));

    [Fact]
    public void ReadAll_WithColumnsOfANewerRelease_PassesThemBy()
    {
        var columns = new ScorePackColumns();
        var text = new TextColumn("newer_text", true, PackEncoding.Dictionary);
        var list = new TextListColumn("newer_list");
        var number = new ValueColumn<double>("newer_number", false, PackEncoding.Plain);
        PackColumn[] all = [number, .. columns.All, text, list];
        var file = new MemoryStream();
        using (var writer = new PackWriter(file, ArchiveKind.Scores, all, all, PackTuning.Default))
        {
            foreach (var row in PackRows.Scores())
            {
                columns.Add(row);
                text.Add("x");
                list.AddList();
                list.AddText("y"u8);
                list.AddText("z"u8);
                number.Add(1);
            }

            writer.Flush(new PackKey(PackSteps.Episode(1), 0), new PackKey(PackSteps.Episode(2), 0));
            writer.Complete();
        }

        using var reader = PackRows.OpenScores(file.ToArray());
        Assert.Equal(PackRows.Scores(), reader.ReadAll());
    }

    [Fact]
    public void Read_WhenTheDiskFails_IsNotDamage()
    {
        var packed = Enumerable.Range(0, 100).Select(o => PackSteps.Step(1, o, """{"action_type":"a"}""")).ToList();
        var file = PackSteps.Write(packed, new PackTuning { GroupRows = 10 });
        var source = new FailingStream(file);
        using var reader = new StepPackReader(source, "test.steps.parquet");
        source.Fails = true;

        var error = Assert.Throws<IOException>(() => reader.Read(PackSteps.Episode(1), 50, 5, new ArrayBufferWriter<byte>()));
        Assert.Contains("Input/output error", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Sha256_OfAHashingStream_IsThatOfTheFile()
    {
        var file = new MemoryStream();
        using var hashing = new HashingStream(file);
        StepPackWriter.Write(hashing, Steps());

        Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(file.ToArray())), hashing.Sha256);
        Assert.Equal(file.Length, hashing.Length);
    }

    // The bytes may change with the library that writes them; the columns and what they say may not.
    private static byte[] Golden(string name, byte[] written)
    {
        if (Environment.GetEnvironmentVariable("ROLLBOOK_WRITE_GOLDEN") is { Length: > 0 } folder && !File.Exists(Path.Combine(folder, name)))
        {
            File.WriteAllBytes(Path.Combine(folder, name), written);
            return written;
        }

        var golden = GoldenFile.Read(name);
        Assert.Equal(Schema(golden), Schema(written));
        return golden;
    }

    private static List<string> Schema(byte[] file)
    {
        using var reader = new ParquetFileReader(new MemoryStream(file), leaveOpen: false);
        var schema = reader.FileMetaData.Schema;
        var told = reader.FileMetaData.KeyValueMetadata;
        List<string> lines = [$"{told["rollbook.kind"]} {told["rollbook.format"]}"];
        for (var i = 0; i < schema.NumColumns; i++)
        {
            var column = schema.Column(i);
            lines.Add($"{column.Path.ToDotString()} {column.PhysicalType} {column.LogicalType.Type} {column.TypeLength} {column.MaxDefinitionLevel} {column.MaxRepetitionLevel}");
        }

        return lines;
    }

    private static byte[] Rewritten(string? version)
    {
        using var none = LogicalType.None();
        using var node = new ParquetSharp.Schema.PrimitiveNode("x", Repetition.Required, none, PhysicalType.Int64);
        using var schema = new ParquetSharp.Schema.GroupNode("schema", Repetition.Required, [node]);
        using var properties = WriterProperties.GetDefaultWriterProperties();
        var metadata = new Dictionary<string, string> { ["rollbook.kind"] = "steps" };
        if (version is not null) metadata["rollbook.format"] = version;
        var file = new MemoryStream();
        using (var writer = new ParquetFileWriter(file, schema, properties, metadata, leaveOpen: true)) writer.Close();
        return file.ToArray();
    }

    private sealed class FailingStream(byte[] bytes) : MemoryStream(bytes, writable: false)
    {
        public bool Fails { get; set; }

        // The other overloads of a class derived from it come to this one.
        public override int Read(byte[] buffer, int offset, int count) => Fails ? throw new IOException("Input/output error", 5) : base.Read(buffer, offset, count);
    }
}
