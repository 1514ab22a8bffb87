using System.Text;
using Xunit;

namespace Rollbook.Cli.Tests.Spool;

public sealed class SpoolRecordTests
{
    // Computed by Python: f"{zlib.crc32(text.encode()):08x} {text}".
    private const string Golden = """7e12aed6 {"do":"end","episode_id":"e","body":{"next_ordinal":0,"end_cause":"é"}}""";

    [Fact]
    public void Read_WhenPythonWroteTheLine_TakesItAndLineWritesTheSame()
    {
        var record = SpoolRecord.Read(Encoding.UTF8.GetBytes(Golden));

        Assert.Equal(("end", "e"), (record.Do, record.EpisodeId));
        Assert.Equal("""{"next_ordinal":0,"end_cause":"é"}""", Encoding.UTF8.GetString(record.Body.Span));
        Assert.Equal(Golden + "\n", Encoding.UTF8.GetString(SpoolRecord.Line(record.Json.Span)));
    }

    [Fact]
    public void Read_WhenAnyByteIsAnother_Throws()
    {
        var line = Encoding.UTF8.GetBytes(Golden);
        for (var i = 0; i < line.Length; i++)
        {
            var damaged = line.ToArray();
            damaged[i] ^= 0x20;
            Assert.Throws<SpoolLineException>(() => SpoolRecord.Read(damaged));
        }
    }

    [Theory]
    [InlineData("""{"do":"start","worker":"w","body":{}}""", "key")]
    [InlineData("""{"do":"steps","episode_id":"e","steps":[]}""", "from")]
    [InlineData("""{"do":"steps","episode_id":"e","from":-1,"steps":[]}""", "from")]
    [InlineData("""{"do":"steps","episode_id":"e","from":0,"steps":{}}""", "steps")]
    [InlineData("""{"do":"end","episode_id":"e","body":[]}""", "body")]
    [InlineData("""{"do":"steps","episode_id":"e","writer_epoch":"1","from":0,"steps":[]}""", "writer_epoch")]
    [InlineData("""{"do":"end","episode_id":"e","body":{"writer_epoch":1.5}}""", "writer_epoch")]
    [InlineData("""{"do":"sing"}""", "sing")]
    [InlineData("""{"do":"end"}""", "episode_id")]
    [InlineData("[]", "JSON")]
    public void Read_WhenAFieldIsMissing_NamesIt(string json, string named)
    {
        var error = Assert.Throws<SpoolLineException>(() => SpoolRecord.Read(Encoding.UTF8.GetBytes(SpoolFiles.Line(json)).AsMemory()[..^1]));

        Assert.Contains(named, error.Message, StringComparison.Ordinal);
    }
}
