using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Xunit;

namespace Rollbook.Client.Tests.Gateway.Large;

/// <summary>Which texts leave their steps, and what stays in their place.</summary>
public sealed class LargeTextsTests
{
    private static readonly string Long = new('x', LargeText.MaxInline + 1);

    [Theory]
    [InlineData("""{"action_type":"a","action_content":@}""", true)]
    [InlineData("""{"action_type":"a","thought":@}""", true)]
    [InlineData("""{"response": @ ,"action_type":"a"}""", true)]
    [InlineData("""{"action_type":"a","observation_snapshot":@}""", true)]
    [InlineData("""{"action_type":"a","observation_snapshot":{"a":[1,{"b":@}],"c":2}}""", true)]
    [InlineData("""{"action_type":"a","extra":{"a":[@]}}""", true)]
    [InlineData("""{"action_type":"a","file_diff":{"path":"p","before":null,"after":@}}""", true)]
    [InlineData("""[{"action_type":"a"},{"action_type":"b","thought":@}]""", true)]
    [InlineData("{\"action_type\":\"a\"}\n{\"action_type\":\"b\",\"thought\":@}\n", true)]
    [InlineData("""{"action_type":"a","extra":@}""", false)]
    [InlineData("""{"action_type":"a","file_diff":@}""", false)]
    [InlineData("""{"action_type":"a","error":@}""", false)]
    [InlineData("""{"action_type":@}""", false)]
    [InlineData("""{"action_type":"a","other":@}""", false)]
    [InlineData("""{"action_type":"a","thought":{"b":@}}""", false)]
    [InlineData("""{"action_type":"a","thought":@""", false)]
    public void Detach_OfALongText_TakesItFromTheFieldsThatAgentsWrite(string json, bool leaves)
    {
        var to = new ArrayBufferWriter<byte>();

        var texts = LargeTexts.Detach(Encoding.UTF8.GetBytes(json.Replace("@", $"\"{Long}\"")), to);

        if (!leaves)
        {
            Assert.Null(texts);
            return;
        }

        var text = Assert.Single(texts!);
        Assert.Equal((Hash(Long), Long), (text.Sha256, Encoding.UTF8.GetString(text.Utf8.Span)));
        var reference = $$"""{"$blob":"{{Hash(Long)}}","bytes":{{Long.Length}},"media_type":"text/plain; charset=utf-8"}""";
        Assert.Equal(json.Replace("@", reference), Encoding.UTF8.GetString(to.WrittenSpan));
    }

    [Fact]
    public void Detach_OfATextThatEscapesMakeLong_LeavesItIn()
    {
        var escaped = string.Concat(Enumerable.Repeat("\\u0041", (LargeText.MaxInline / 6) + 10));

        Assert.Null(LargeTexts.Detach(Encoding.UTF8.GetBytes($$"""{"action_type":"a","thought":"{{escaped}}"}"""), new ArrayBufferWriter<byte>()));
    }

    [Fact]
    public void Detach_OfATextWithEscapes_KeepsWhatItSays()
    {
        var text = string.Concat(Enumerable.Repeat("line \"\u00e9\u4e2d\ud83d\ude00\"\n", 20_000));
        var json = JsonSerializer.SerializeToUtf8Bytes(new { action_type = "a", thought = text });

        var kept = Assert.Single(LargeTexts.Detach(json, new ArrayBufferWriter<byte>())!);

        Assert.Equal(text, Encoding.UTF8.GetString(kept.Utf8.Span));
    }

    [Fact]
    public void Detach_OfATextWithHalfACharacter_LeavesItAsItWasSent() =>
        Assert.Null(LargeTexts.Detach(Encoding.UTF8.GetBytes($$"""{"action_type":"a","thought":"\ud800{{Long}}"}"""), new ArrayBufferWriter<byte>()));

    [Fact]
    public void Detach_OfTheSameTextInTwoPlaces_GivesItOnce()
    {
        var to = new ArrayBufferWriter<byte>();
        var json = JsonSerializer.SerializeToUtf8Bytes(new { action_type = "a", thought = Long, observation_snapshot = new[] { Long, "short", Long } });

        Assert.Single(LargeTexts.Detach(json, to)!);

        var step = JsonNode.Parse(to.WrittenSpan)!;
        Assert.Equal(Hash(Long), (string?)step["thought"]!["$blob"]);
        Assert.Equal("short", (string?)step["observation_snapshot"]![1]);
        Assert.Equal(Hash(Long), (string?)step["observation_snapshot"]![2]!["$blob"]);
    }

    [Fact]
    public void Of_AReference_SaysWhatItNames()
    {
        var hash = Hash(Long);
        Assert.Equal(new LargeValue(hash, 7, "image/png"), LargeValue.Of($$"""{"$blob":"{{hash}}","bytes":7,"media_type":"image/png"}"""));
        Assert.Equal(new LargeValue(hash, null, null), LargeValue.Of(JsonDocument.Parse($$"""{"a":1,"$blob":"{{hash}}"}""").RootElement));
        Assert.Null(LargeValue.Of("""{"$blob":"abc"}"""));
        Assert.Null(LargeValue.Of("""{"$blob":"""));
        Assert.Null(LargeValue.Of((string?)null));
        Assert.Null(LargeValue.Of(JsonDocument.Parse("[1]").RootElement));
    }

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
