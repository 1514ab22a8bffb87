using System.Buffers;
using System.Text;
using CsCheck;
using Rollbook.Archive;
using Rollbook.Testing;
using Xunit;

namespace Rollbook.Grains.Tests.Archive;

public sealed class StepCellsTests
{
    private static readonly int Steps = int.Parse(Environment.GetEnvironmentVariable("ROLLBOOK_COLUMN_STEPS") ?? "100000", System.Globalization.CultureInfo.InvariantCulture);

    [Fact]
    public void Join_OfTheCellsOfAnyStep_IsItsLineByteForByte()
    {
        var steps = 0L;
        var withExact = 0L;
        StepGen.Step.Sample(
            json =>
            {
                var line = Line(json);
                var (joined, exact) = ThereAndBack(line);
                Interlocked.Increment(ref steps);
                if (exact.Length > 0) Interlocked.Increment(ref withExact);
                // A canonical line is never kept whole: then the columns would be empty.
                return joined.AsSpan().SequenceEqual(line) && !exact.StartsWith('=');
            },
            iter: Steps);
        Figures.Report("columns", $"{steps} generated steps there and back, {withExact} of them with texts that the typed cells don't print: 0 differ");
    }

    [Theory]
    [InlineData("""{"action_type":"a","reward":0.5}""", "")]
    [InlineData("""{"action_type":"a","reward":1}""", "")]
    [InlineData("""{"action_type":"a","reward":1.0,"cumulative_reward":2.0,"duration_ms":0.25}""", "f")]
    [InlineData("""{"action_type":"a","reward":1.0,"cumulative_reward":2}""", """f{"cumulative_reward":2}""")]
    [InlineData("""{"action_type":"a","reward":1.50}""", """{"reward":1.50}""")]
    [InlineData("""{"action_type":"a","reward":-0.0}""", "f")]
    [InlineData("""{"action_type":"a","reward":"NaN"}""", "")]
    [InlineData("""{"step_number":-0,"action_type":"a"}""", """{"step_number":-0}""")]
    [InlineData("""{"action_type":"line\nfeed \"quoted\" é"}""", "")]
    [InlineData("""{"action_type":"\u00e9","thought":"\ud83d\ude00"}""", "a")]
    [InlineData("""{"action_type":"\u00e9","thought":"é"}""", """a{"thought":"é"}""")]
    [InlineData("""{"action_type":"\/"}""", """{"action_type":"\/"}""")]
    [InlineData("""{"action_type":"a","observation_snapshot":null}""", "")]
    [InlineData("""{"action_type":"a","observation_snapshot":{"x":1e400,"y":[1.0,"\u00E9"]},"extra":{"a":1,"a":2.50}}""", "")]
    [InlineData("""{"action_type":"a","security_flags":[]}""", "")]
    [InlineData("""{"action_type":"a","security_flags":["\u0041"]}""", """{"security_flags":["\u0041"]}""")]
    [InlineData(
        """{"action_type":"a","action_content":{"$blob":"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef","bytes":3},"observation_snapshot":{"$blob":"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef","bytes":4},"reward":0.5}""",
        """{"action_content":{"$blob":"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef","bytes":3}}""")]
    public void Split_OfALine_KeepsOnlyWhatCellsCantPrint(string line, string exact)
    {
        Assert.Equal(line, Encoding.UTF8.GetString(Line(line)));
        var (joined, kept) = ThereAndBack(Encoding.UTF8.GetBytes(line));

        Assert.Equal(line, Encoding.UTF8.GetString(joined));
        Assert.Equal(exact, kept);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("{")]
    [InlineData("""{"action_type":"a","newer_field":1}""")]
    [InlineData("""{"reward":1,"action_type":"a"}""")]
    [InlineData("""{"reward":1}""")]
    [InlineData("""{"action_type":"a"} """)]
    [InlineData("""{"action_type":"a","reward":}""")]
    [InlineData("""{"action_type":"a","observation_snapshot":[1}""")]
    [InlineData("""{"action_type":"a""")]
    [InlineData("""{"action_type":7}""")]
    [InlineData("not json")]
    public void Split_OfWhatIsNoCanonicalLine_KeepsItWhole(string line)
    {
        var (joined, exact) = ThereAndBack(Encoding.UTF8.GetBytes(line));

        Assert.Equal(line, Encoding.UTF8.GetString(joined));
        Assert.Equal("=" + line, exact);
    }

    [Fact]
    public void Join_WhenExactNamesAFieldThatIsNotThere_IsDamage()
    {
        var cells = new StepCells();
        cells.SetText(StepField.ActionType, "a"u8);
        cells.SetExact("""{"reward":1.50}"""u8);

        Assert.Throws<InvalidDataException>(() => cells.Join(new ArrayBufferWriter<byte>()));
    }

    internal static byte[] Line(string json) => StepEntry.Read(StepBatch.Encode(Encoding.UTF8.GetBytes(json), ndjson: false, 1).Bytes.Span).Line.ToArray();

    // By way of other cells, as a column would carry them.
    private static (byte[] Line, string Exact) ThereAndBack(byte[] line)
    {
        var there = new StepCells();
        var back = new StepCells();
        there.Split(line);
        for (var i = 0; i < StepFieldNames.Count; i++)
        {
            var field = (StepField)i;
            if (!there.Has(field)) continue;
            switch (StepFieldKinds.All[i])
            {
                case StepFieldKind.Number:
                    back.SetNumber(field, there.Number(field));
                    break;
                case StepFieldKind.Integer or StepFieldKind.Truth:
                    back.SetInteger(field, there.Integer(field));
                    break;
                case StepFieldKind.Texts:
                    back.SetFlags();
                    for (var n = 0; n < there.Flags; n++) back.AddFlag(there.Flag(n, line));
                    break;
                default:
                    back.SetText(field, there.Text(field, line));
                    break;
            }
        }

        if (!there.Exact.IsEmpty) back.SetExact(there.Exact);
        var output = new ArrayBufferWriter<byte>();
        back.Join(output);
        return (output.WrittenSpan.ToArray(), Encoding.UTF8.GetString(there.Exact));
    }
}
