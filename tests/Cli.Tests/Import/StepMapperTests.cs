using System.Text;
using System.Text.Json;
using CsCheck;
using Xunit;

namespace Rollbook.Cli.Tests.Import;

public sealed class StepMapperTests
{
    [Fact]
    public void Map_WhenAllFieldsAreThere_KeepsEachInItsPlace()
    {
        var line = Map("""
            {"action": "edit 1:2\n  x\n", "observation": "out\u0041\n", "response": "R", "thought": "T", "state": {"open_file": "n/a", "n": "1"},
             "execution_time": 0.25, "query": [{"role": "user", "content": "q"}], "messages": [], "extra_info": {"k": 1.0}}
            """);

        Assert.Equal(
            """{"action_type":"edit","action_query":"edit 1:2\n  x\n","observation_snapshot":"out\u0041\n","duration_ms":250,"thought":"T","response":"R","extra":{"state":{"open_file":"n/a","n":"1"},"execution_time":0.25,"query":[{"role":"user","content":"q"}],"messages":[],"extra_info":{"k":1.0}}}""" + "\n",
            line);
    }

    [Theory]
    [InlineData("""{"action":"ls -F\n"}""", """{"action_type":"ls","action_query":"ls -F\n"}""")]
    [InlineData("""{"action":"\n\t  ./rock arg"}""", """{"action_type":"./rock","action_query":"\n\t  ./rock arg"}""")]
    [InlineData("""{"action":"submit"}""", """{"action_type":"submit","action_query":"submit"}""")]
    [InlineData("""{"action":"\ud83d\ude00 x"}""", """{"action_type":"\uD83D\uDE00","action_query":"\ud83d\ude00 x"}""")]
    [InlineData("""{"action":"\ud83d x"}""", """{"action_type":"\uFFFD","action_query":"\ud83d x"}""")]
    [InlineData("""{"action":""}""", """{"action_type":"none","action_query":""}""")]
    [InlineData("""{"action":"  \n"}""", """{"action_type":"none","action_query":"  \n"}""")]
    [InlineData("""{"action":null}""", """{"action_type":"none","extra":{"action":null}}""")]
    [InlineData("""{}""", """{"action_type":"none"}""")]
    [InlineData("""{"action":["ls", 1]}""", """{"action_type":"structured","extra":{"action":["ls",1]}}""")]
    [InlineData("""{"action":"a","thought":{"x":1},"response":null}""", """{"action_type":"a","action_query":"a","response":null,"extra":{"thought":{"x":1}}}""")]
    [InlineData("""{"action":"a","action":"b"}""", """{"action_type":"b","action_query":"b"}""")]
    [InlineData("""{"action":"a","execution_time":1e400}""", """{"action_type":"a","action_query":"a","extra":{"execution_time":1e400}}""")]
    [InlineData("""{"action":"a","execution_time":"slow"}""", """{"action_type":"a","action_query":"a","extra":{"execution_time":"slow"}}""")]
    [InlineData("""{"action":"a","k\u0065y\ud800":{"a":1}}""", """{"action_type":"a","action_query":"a","extra":{"k\u0065y\ud800":{"a":1}}}""")]
    [InlineData("""{"action":"a","observation":null}""", """{"action_type":"a","action_query":"a","observation_snapshot":null}""")]
    [InlineData("""{"action":"a","observation":"\/\u00e9é\ud800\u0000"}""", """{"action_type":"a","action_query":"a","observation_snapshot":"\/\u00e9é\ud800\u0000"}""")]
    [InlineData("""{"action":"a","observation":[1.50, 1e400, -0, 123456789012345678901234567890]}""", """{"action_type":"a","action_query":"a","observation_snapshot":[1.50,1e400,-0,123456789012345678901234567890]}""")]
    [InlineData("""{"action":"a","observation":{"a":1,"a":2, " b ":"x y"}}""", """{"action_type":"a","action_query":"a","observation_snapshot":{"a":1,"a":2," b ":"x y"}}""")]
    public void Map_WhenFieldsAreOdd_LosesNothing(string item, string expected)
    {
        var line = Map(item);

        Assert.Equal(expected.Replace("\\uFFFD", "\uFFFD", StringComparison.Ordinal) + "\n", line);
    }

    [Fact]
    public void Map_WhenItemIsNoObject_NamesThePlace()
    {
        var e = Assert.Throws<ImportException>(() => StepMapper.Map(JsonDocument.Parse("[1]").RootElement[0], 7));

        Assert.Contains("trajectory[7]", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Map_WhateverTheJson_KeepsEveryTokenByteForByte() =>
        Gen.Select(RawJsonGen.Value, RawJsonGen.String, RawJsonGen.Value).Sample(
            (observation, action, state) =>
            {
                var line = Map($$"""{ "action" : {{action.Spaced}}, "observation" :{{observation.Spaced}} , "state":{{state.Spaced}} }""");

                var type = JsonDocument.Parse(line).RootElement.GetProperty("action_type").GetRawText();
                Assert.Equal(
                    $$$"""{"action_type":{{{type}}},"action_query":{{{action.Compact}}},"observation_snapshot":{{{observation.Compact}}},"extra":{"state":{{{state.Compact}}}}}""" + "\n",
                    line);
            },
            iter: 2_000);

    private static string Map(string item) => Encoding.UTF8.GetString(StepMapper.Map(JsonDocument.Parse(item).RootElement, 0));
}
