using Rollbook.Silo.Demo;
using Xunit;

namespace Rollbook.Silo.Tests.Demo;

public sealed class MiniParserTests
{
    [Theory]
    [InlineData("fn f(x) = (x + 1", "a.mini:1: expected ')', found 'end of file'")]
    [InlineData("\n\nfn f(x) x", "a.mini:3: expected '=', found 'x'")]
    [InlineData("fn f(x) = x +\n", "a.mini:2: expected a name or a value, found 'end of file'")]
    [InlineData("fn if(x) = x", "a.mini:1: expected a name or a value, found 'if'")]
    [InlineData("x = 1", "a.mini:1: expected 'fn' or 'test', found 'x'")]
    [InlineData("fn f() = \"open", "a.mini:1: a text without its closing '\"'")]
    [InlineData("fn f() = 1 ? 2", "a.mini:1: unexpected '?'")]
    [InlineData("fn f() = 99999999999999999999", "a.mini:1: a number too large, found '99999999999999999999'")]
    [InlineData("fn f() = if true then 1", "a.mini:1: expected 'else', found 'end of file'")]
    public void Parse_WhenFileIsNoProgram_NamesFileAndLine(string source, string message) =>
        Assert.Equal("syntax error: " + message, Assert.Throws<MiniSyntaxException>(() => MiniParser.Parse("a.mini", source)).Message);

    [Theory]
    [InlineData("(", ")")]
    [InlineData("not ", "")]
    [InlineData("-", "")]
    [InlineData("if true then ", " else 1")]
    public void Parse_WhenNestedWithoutEnd_IsRefused(string open, string close)
    {
        var source = "fn f() = " + string.Concat(Enumerable.Repeat(open, 10_000)) + "1" + string.Concat(Enumerable.Repeat(close, 10_000));
        Assert.Contains("nested too deep", Assert.Throws<MiniSyntaxException>(() => MiniParser.Parse("a.mini", source)).Message);
    }

    [Fact]
    public void Parse_WhenTestIsRead_KeepsItsText()
    {
        var (_, tests) = MiniParser.Parse("a.mini", "test \"two\" = f( 1 ) == 2 # why\ntest \"three\" = true");
        Assert.Equal(["f( 1 ) == 2", "true"], tests.Select(test => test.Source));
        Assert.Equal([1, 2], tests.Select(test => test.Line));
    }

    [Fact]
    public void Load_WhenTwoFilesHaveTheSameFunction_IsRefused() =>
        Assert.Throws<MiniSyntaxException>(() => MiniProgram.Load([new("a.mini", "fn f() = 1"), new("b.mini", "fn f() = 2")]));
}
