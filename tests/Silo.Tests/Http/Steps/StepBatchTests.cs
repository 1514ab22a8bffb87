using System.Text;
using Rollbook.Silo.Http;

namespace Rollbook.Silo.Tests.Http.Steps;

/// <summary>T24: what is refused, and where the pointer points.</summary>
public sealed class StepBatchTests
{
    public static TheoryData<string, string> Refused => new()
    {
        { "", "" },
        { "   ", "" },
        { "null", "" },
        { "1", "" },
        { "\"a\"", "" },
        { "[]", "" },
        { "[1]", "/0" },
        { "{}", "/action_type" },
        { """{"action_type":null}""", "/action_type" },
        { """{"action_type":7}""", "/action_type" },
        { """[{"action_type":"a"},{"reward":1}]""", "/1/action_type" },
        { """{"action_type":"a","reward":NaN}""", "/reward" },
        { """{"action_type":"a","reward":"nan"}""", "/reward" },
        { """{"action_type":"a","reward":Infinity}""", "/reward" },
        { """{"action_type":"a","reward":-Infinity}""", "/reward" },
        { """{"action_type":"a","reward":1e400}""", "/reward" },
        { """{"action_type":"a","timestamp":-1e999}""", "/timestamp" },
        { """{"action_type":"a","reward":01}""", "/reward" },
        { """{"action_type":"a","reward":"1"}""", "/reward" },
        { """{"action_type":"a","step_number":1.5}""", "/step_number" },
        { """{"action_type":"a","step_number":9223372036854775808}""", "/step_number" },
        { """{"action_type":"a","step_number":9223372036854775808}""", "/step_number" },
        { """{"action_type":"a","step_number":"NaN"}""", "/step_number" },
        { """{"action_type":"a","done":1}""", "/done" },
        { """{"action_type":"a","error":{}}""", "/error" },
        { """{"action_type":"a","file_diff":[]}""", "/file_diff" },
        { """{"action_type":"a","extra":[]}""", "/extra" },
        { """{"action_type":"a","security_flags":"x"}""", "/security_flags" },
        { """{"action_type":"a","security_flags":["x",1]}""", "/security_flags/1" },
        { """{"action_type":"a","action_type":"a"}""", "/action_type" },
        { """{"action_type":"a","\u0061ction_type":"b"}""", "/action_type" },
        { """{"action_type":"a","reward":null,"reward":1}""", "/reward" },
        { """{"x":1,"action_type":"a","x":1}""", "/x" },
        { """{"x":1,"action_type":"a","\u0078":1}""", "/x" },
        { """{"\u0078":1,"action_type":"a","x":1}""", "/x" },
        { """{"action_type":"\ud800"}""", "/action_type" },
        { """{"action_type":"a","observation_snapshot":{"a":[0,1,2,"x\ud83d"]}}""", "/observation_snapshot/a/3" },
        { """{"action_type":"a","observation_snapshot":{"a":[0,{"b/c~d":"\ude00\ud83d"}]}}""", "/observation_snapshot/a/1/b~1c~0d" },
        { """{"action_type":"a","observation_snapshot":{"\udfff":1}}""", "/observation_snapshot/\\udfff" },
        { """{"action_type":"a","security_flags":["\udfff"]}""", "/security_flags/0" },
        { """{"action_type":"a","observation_snapshot":[1,2,}""", "/observation_snapshot/2" },
        { """{"action_type":"a","observation_snapshot":{"a":[1,[2,x]]}}""", "/observation_snapshot/a/1/1" },
        { """{"action_type":"a",}""", "/action_type" },
        { """{"action_type":"a"} x""", "" },
        { """{"action_type":"a"}{"action_type":"b"}""", "" },
        { """[{"action_type":"a"}] 1""", "" },
        { """[{"action_type":"a"},]""", "/1" },
        { """{"action_type":"a" """, "/action_type" },
        { """{"action_type":"a""", "/action_type" },
        { "{\"action_type\":\"a\u0001\"}", "/action_type" },
        { "{\"action_type\":\"a\0\"}", "/action_type" },
        { """{"action_type":"a"} // note""", "" },
        { """{'action_type':'a'}""", "" },
        { "\uFEFF{\"action_type\":\"a\"}", "" },
        { "{\"action_type\":\"a\",\"observation_snapshot\":{\"\":[0,", "/observation_snapshot//1" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void Encode_BadBody_PointsAtTheBadPlace(string body, string pointer)
    {
        var error = Assert.Throws<BadJsonException>(() => Encoded.Of(body));
        Assert.Equal(pointer, error.Pointer);
        Assert.Null(error.Line);
        Assert.DoesNotContain("LineNumber", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Encode_DepthOf257_IsRefused()
    {
        var deep = new string('[', 256) + new string(']', 256);
        var error = Assert.Throws<BadJsonException>(() => Encoded.Of($$"""{"action_type":"a","observation_snapshot":{{deep}}}"""));
        Assert.StartsWith("/observation_snapshot/0/0", error.Pointer, StringComparison.Ordinal);
        Assert.Throws<BadJsonException>(() => Encoded.Of(new string('[', 10_000)));
        Assert.Throws<BadJsonException>(() => Encoded.Of(string.Concat(Enumerable.Repeat("{\"a\":", 10_000))));
    }

    [Theory]
    [InlineData("C328")]
    [InlineData("FF")]
    [InlineData("C0AF")]
    [InlineData("EDA080")]
    [InlineData("F4908080")]
    [InlineData("E282")]
    public void Encode_InvalidUtf8_PointsAtTheString(string hex)
    {
        byte[] body = [.. """{"action_type":"a","observation_snapshot":{"a":[0,"x"""u8, .. Convert.FromHexString(hex), .. "\"]}}"u8];
        var error = Assert.Throws<BadJsonException>(() => StepBatch.Encode(body, ndjson: false, 0));
        Assert.Equal("/observation_snapshot/a/1", error.Pointer);
        byte[] second = [.. "{\"action_type\":\"b\"}\n"u8, .. body, (byte)'\n'];
        error = Assert.Throws<BadJsonException>(() => StepBatch.Encode(second, ndjson: true, 0));
        Assert.Equal(("/observation_snapshot/a/1", 2), (error.Pointer, error.Line));
    }

    [Fact]
    public void Encode_BadLineOfNdjson_NamesTheLine()
    {
        var error = Assert.Throws<BadJsonException>(() => Encoded.Of("{\"action_type\":\"a\"}\n\r\n{\"action_type\":\"b\",\"done\":0}\n", ndjson: true));
        Assert.Equal((3, "/done"), (error.Line, error.Pointer));
        error = Assert.Throws<BadJsonException>(() => Encoded.Of("{\"action_type\":\"a\"}\n[{\"action_type\":\"b\"}]\n", ndjson: true));
        Assert.Equal((2, ""), (error.Line, error.Pointer));
        Assert.Throws<BadJsonException>(() => Encoded.Of("\n \n", ndjson: true));
    }

    [Fact]
    public void Encode_MegabyteKeyBeforeTheFault_ShortensThePointer()
    {
        var key = new string('k', 1 << 20);
        var error = Assert.Throws<BadJsonException>(() => Encoded.Of($$"""{"action_type":"a","{{key}}":[x]}"""));
        Assert.InRange(error.Pointer.Length, 1, 1_001);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Encode_OneStepTooMany_IsTooLarge(bool ndjson)
    {
        string Body(int count)
        {
            var steps = Enumerable.Repeat("{\"action_type\":\"a\"}", count);
            return ndjson ? string.Join('\n', steps) : $"[{string.Join(',', steps)}]";
        }

        Assert.Equal(StepBatch.MaxSteps, Encoded.Of(Body(StepBatch.MaxSteps), ndjson).Count);
        Assert.Throws<TooLargeException>(() => Encoded.Of(Body(StepBatch.MaxSteps + 1), ndjson));
    }

    [Fact]
    public void Encode_RandomBytesInAValidStep_NeverThrowsAnythingElse()
    {
        var random = new Random(24);
        for (var i = 0; i < 20_000; i++)
        {
            var json = new RandomJson(i);
            var body = Encoding.UTF8.GetBytes(json.Members(json.Step()));
            for (var flips = random.Next(1, 4); flips > 0; flips--) body[random.Next(body.Length)] = (byte)random.Next(256);
            try
            {
                StepBatch.Encode(body, ndjson: i % 2 == 0, 0);
            }
            catch (BadJsonException error)
            {
                Assert.NotNull(error.Pointer);
            }
        }
    }
}
