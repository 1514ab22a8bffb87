using System.Text.Json;
using CsCheck;
using Xunit;

namespace Rollbook.Cli.Tests.Terminal;

public sealed class TerminalTextTests
{
    [Theory]
    [InlineData("plain é 😀 text", "plain é 😀 text")]
    [InlineData("\u001b[31mred\u001b[0m", "red")]
    [InlineData("\u001b]52;c;ZXZpbA==\u0007paste", "paste")]
    [InlineData("\u001b]8;;http://x\u001b\\link\u001b]8;;\u001b\\", "link")]
    [InlineData("\u001b]0;no end", "0;no end")]
    [InlineData("\u009b2Jcleared", "cleared")]
    [InlineData("a\u202egpj.exe", "agpj.exe")]
    [InlineData("a\u200bb\u2066c\ufeff", "abc")]
    [InlineData("rm -rf /\rls", "rm -rf /ls")]
    [InlineData("a\tb\nc\u0000\u0007\u007f", "a    b\nc")]
    [InlineData("\u001b", "")]
    [InlineData("[red]not markup[/]", "[red]not markup[/]")]
    public void Clean_WhenTextIsHostile_LeavesOnlyWhatIsSeen(string text, string seen) => Assert.Equal(seen, TerminalText.Clean(text));

    // Not in the list above: an attribute can't hold half a pair.
    [Fact]
    public void Clean_WhenASurrogatePairIsHalf_ShowsAReplacement() => Assert.Equal("half \ufffd pair", TerminalText.Clean("half \ud83d pair"));

    [Fact]
    public void Clean_WhateverTheText_HasNothingThatATerminalObeys() =>
        Gen.OneOf(Gen.Char, Gen.Char['\0', '\u00A0'], Gen.OneOf('\u001b', '\u009b', '[', ']', '\\', '\u202e')).Array[0, 60].Sample(
            chars => TerminalText.Clean(new string(chars)).All(c => c == '\n' || (c >= ' ' && c is < '\u007f' or > '\u009f' and not (>= '\u202a' and <= '\u202e'))));

    [Theory]
    [InlineData("one\ntwo\n", 20, "one⏎two")]
    [InlineData("123456", 6, "123456")]
    [InlineData("1234567", 6, "12345…")]
    [InlineData("1234😀7", 6, "1234…")]
    public void OneLine_WhenTextIsLong_CutsItBetweenCharacters(string text, int length, string line) => Assert.Equal(line, TerminalText.OneLine(text, length));

    [Fact]
    public void EscapeJson_WhenStringsAreHostile_GivesTheSameValueWithoutThem()
    {
        const string Json = "{\"a\":\"x\u009b2J\u202e\u007f😀é\",\n\"b\":1}";

        var escaped = TerminalText.EscapeJson(Json);

        Assert.Equal("{\"a\":\"x\\u009b2J\\u202e\\u007f😀é\",\n\"b\":1}", escaped);
        Assert.True(JsonElement.DeepEquals(JsonDocument.Parse(Json).RootElement, JsonDocument.Parse(escaped).RootElement));
    }
}
