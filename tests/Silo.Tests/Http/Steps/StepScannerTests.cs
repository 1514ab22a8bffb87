using System.Globalization;
using System.Text;
using CsCheck;
using Rollbook.Episodes;
using Rollbook.Testing;

namespace Rollbook.Silo.Tests.Http.Steps;

/// <summary>The scanner against the library's reader: what it takes is taken there too, and gives the same entry, byte for byte.</summary>
public sealed class StepScannerTests
{
    private const string Bytes = "{}[]:,\"\\ \t\r\n\0\x01\x1fu0123456789abcdefABDCnrtl+-.eEé😀/$";

    [Fact]
    public void TryEncode_RandomSteps_GivesTheEntriesOfTheParser()
    {
        var taken = CountTaken(5_000, static seed =>
        {
            var json = new RandomJson(seed);
            return json.Members(json.Step());
        });
        // The others have a number by name, or a name with an escape.
        Assert.InRange(taken, 500, 5_000);
    }

    [Fact]
    public void TryEncode_BrokenSteps_TakesNoneThatTheParserRefuses()
    {
        var taken = CountTaken(30_000, static seed =>
        {
            var json = new RandomJson(seed);
            var random = new Random(seed);
            var text = new StringBuilder(json.Members(json.Step().Where(static member => !member.Name.Contains('\\'))));
            for (var i = random.Next(1, 4); i > 0; i--) Break(text, random);
            return text.ToString();
        });
        // A changed character of a string breaks nothing.
        Assert.InRange(taken, 1_000, 29_000);
    }

    [Theory]
    [InlineData("""{"action_type":"a"}""")]
    [InlineData(""" {"action_type" : "a" , "observation_snapshot" : { "a" : [ 1 , 2 ] } } """)]
    [InlineData("""{"action_type":"a","observation_snapshot":null,"error":null,"reward":null}""")]
    [InlineData("""{"action_type":"\ud83d\ude00\u0000\/","error":"","observation_snapshot":[[],{},"",0,-0.5e+10,true,false,null,{"a":{}}]}""")]
    [InlineData("""{"reward":1,"action_type":"a","z":1,"y":{"z":2},"extra":{"x":3},"security_flags":["eval","exec"]}""")]
    [InlineData("""{"step_number":-12,"timestamp":1763890000.25,"action_type":"a","action_content_length":0,"done":true,"test_pass_rate":0.1}""")]
    public void TryEncode_OrdinaryStep_IsTaken(string step) => Assert.True(Agree(step));

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("""{"action_type":"a"}x""")]
    [InlineData("""{"action_type":"a"}{"action_type":"a"}""")]
    [InlineData("""{"action_type":"a",}""")]
    [InlineData("""{,"action_type":"a"}""")]
    [InlineData("""{"action_type":"a" "done":true}""")]
    [InlineData("""{"action_type":"a","done":"true"}""")]
    [InlineData("""{"action_type":"a","done":truex}""")]
    [InlineData("""{"action_type":"a","done":null,"done":true}""")]
    [InlineData("""{"action_type":"a","action_type":"a"}""")]
    [InlineData("""{"action_type":"a","x":1,"x":2}""")]
    [InlineData("""{"action_type":null}""")]
    [InlineData("""{"action_type":1}""")]
    [InlineData("""{"action_type":"\ud83d"}""")]
    [InlineData("""{"action_type":"\ud83d\u0041"}""")]
    [InlineData("""{"action_type":"\ude00"}""")]
    [InlineData("""{"action_type":"\x41"}""")]
    [InlineData("""{"action_type":"\u00g0"}""")]
    [InlineData("""{"action_type":"\u00""")]
    [InlineData("""{"action_type":"\""")]
    [InlineData("{\"action_type\":\"a\nb\"}")]
    [InlineData("{\"action_type\":\"a\0\"}")]
    [InlineData("{\"action_type\":\v\"a\"}")]
    [InlineData("""{"action_type":"a","reward":01}""")]
    [InlineData("""{"action_type":"a","reward":-}""")]
    [InlineData("""{"action_type":"a","reward":1.}""")]
    [InlineData("""{"action_type":"a","reward":.5}""")]
    [InlineData("""{"action_type":"a","reward":1e}""")]
    [InlineData("""{"action_type":"a","reward":+1}""")]
    [InlineData("""{"action_type":"a","reward":1e400}""")]
    [InlineData("""{"action_type":"a","step_number":1.0}""")]
    [InlineData("""{"action_type":"a","step_number":1e2}""")]
    [InlineData("""{"action_type":"a","step_number":9223372036854775808}""")]
    [InlineData("""{"action_type":"a","observation_snapshot":[1,]}""")]
    [InlineData("""{"action_type":"a","observation_snapshot":[1 2]}""")]
    [InlineData("""{"action_type":"a","observation_snapshot":[1}}""")]
    [InlineData("""{"action_type":"a","observation_snapshot":{"a"}}""")]
    [InlineData("""{"action_type":"a","observation_snapshot":{"a":1,}}""")]
    [InlineData("""{"action_type":"a","observation_snapshot":{a:1}}""")]
    [InlineData("""{"action_type":"a","observation_snapshot":nul}""")]
    [InlineData("""{"action_type":"a","observation_snapshot":/**/1}""")]
    [InlineData("""{"action_type":"a","file_diff":[]}""")]
    [InlineData("""{"action_type":"a","extra":"a"}""")]
    [InlineData("""{"action_type":"a","security_flags":{}}""")]
    [InlineData("""{"action_type":"a","security_flags":["a",1]}""")]
    [InlineData("""{"action_type":"a","security_flags":["a",]}""")]
    public void TryEncode_BadStep_IsNotTaken(string step) => Assert.False(Agree(step));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Encode_UnusualStepBehindOrdinaryOnes_GivesEachEntryOnce(bool ndjson)
    {
        const string Ordinary = """{"action_type":"a","reward":1}""";
        const string Unusual = """{"action_type":"a","reward":"NaN"}""";
        string[] steps = [Ordinary, Ordinary, Unusual, Ordinary];
        var body = ndjson ? string.Join('\n', steps) : $"[{string.Join(',', steps)}]";

        Assert.Equal(steps, Encoded.Lines(Encoded.Of(body, ndjson)));
    }

    [Fact]
    public void TryEncode_EveryLengthOfString_FindsItsEnd()
    {
        // The end of a string falls at each place of a vector, and so does the end of the text.
        for (var length = 0; length < 200; length++)
        {
            for (var escape = 0; escape <= length; escape += 7)
            {
                var text = new string('x', length).Insert(escape, "\\n");
                Assert.True(Agree($$"""{"action_type":"{{text}}"}"""));
                Assert.True(Agree($$"""{"observation_snapshot":"{{text}}","action_type":""}"""));
                Assert.False(Agree($$"""{"action_type":"{{text}}"""));
            }
        }
    }

    [Fact]
    public void TryEncode_DeepValue_IsTakenToTheDepthThatItFollows()
    {
        Assert.True(Agree(Nested(JsonScanner.MaxDepth)));
        Assert.False(Agree(Nested(JsonScanner.MaxDepth + 1)));

        static string Nested(int depth) => $$"""{"action_type":"a","observation_snapshot":{{string.Concat(Enumerable.Repeat("[", depth - 1))}}{"a":1}{{new string(']', depth - 1)}}}""";
    }

    [Fact]
    public void TryGetDouble_AnyDecimal_IsTheNearestDouble() => Gen.Int[0, int.MaxValue].Sample(
        seed =>
        {
            var random = new Random(seed);
            var digits = random.NextInt64(0, (long)Math.Pow(10, random.Next(1, 19))).ToString(CultureInfo.InvariantCulture);
            var fraction = random.Next(0, 20) is var length and > 0 ? "." + random.NextInt64(0, long.MaxValue).ToString("D19", CultureInfo.InvariantCulture)[^Math.Min(length, 19)..] : "";
            var exponent = random.Next(4) == 0 ? $"e{random.Next(-330, 330)}" : "";
            var text = $"{(random.Next(2) == 0 ? "-" : "")}{digits}{fraction}{exponent}";
            var scanner = new JsonScanner(Encoding.UTF8.GetBytes(text));
            Assert.True(scanner.Number(out var number), text);
            var expected = double.Parse(text, CultureInfo.InvariantCulture);
            Assert.Equal(double.IsFinite(expected), number.TryGetDouble(out var value));
            if (double.IsFinite(expected)) Assert.Equal(BitConverter.DoubleToInt64Bits(expected), BitConverter.DoubleToInt64Bits(value));
        },
        iter: 20_000);

    private static int CountTaken(int steps, Func<int, string> make)
    {
        var taken = 0;
        Gen.Int[0, int.MaxValue].Sample(
            seed =>
            {
                if (Agree(make(seed))) Interlocked.Increment(ref taken);
            },
            iter: steps);
        return taken;
    }

    // Whether the scanner takes it; then the parser must take it too, and give the same.
    private static bool Agree(string step)
    {
        var json = Encoding.UTF8.GetBytes(step);
        var scanned = new StepBuffer(16);
        var scanner = new JsonScanner(json);
        if (!new StepEncoder().TryEncode(ref scanner, json, Encoded.ReceivedAt, scanned) || !scanner.Ends()) return false;
        var parsed = new StepBuffer(16);
        var reader = new System.Text.Json.Utf8JsonReader(json, new System.Text.Json.JsonReaderOptions { MaxDepth = JsonText.MaxDepth });
        Assert.True(reader.Read());
        new StepEncoder().Encode(ref reader, json, Encoded.ReceivedAt, parsed);
        Assert.False(reader.Read());
        Assert.True(parsed.Written.SequenceEqual(scanned.Written), step);
        return true;
    }

    private static void Break(StringBuilder text, Random random)
    {
        if (text.Length == 0) return;
        var at = random.Next(text.Length);
        var with = Bytes[random.Next(Bytes.Length)];
        // Half of a character outside the basic plane is no text at all.
        if (char.IsSurrogate(with)) with = '"';
        switch (random.Next(4))
        {
            case 0:
                if (!char.IsSurrogate(text[at])) text[at] = with;
                break;
            case 1:
                text.Insert(at, char.IsLowSurrogate(text[at]) ? "" : with.ToString());
                break;
            case 2:
                if (!char.IsSurrogate(text[at])) text.Remove(at, 1);
                break;
            default:
                if (!char.IsLowSurrogate(text[at])) text.Length = Math.Max(1, at);
                break;
        }
    }
}
