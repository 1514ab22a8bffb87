using Rollbook.Silo.Demo;
using Xunit;

namespace Rollbook.Silo.Tests.Demo;

public sealed class MiniInterpreterTests
{
    [Theory]
    [InlineData("1 + 2 * 3", "7")]
    [InlineData("(1 + 2) * 3", "9")]
    [InlineData("10 - 3 - 2", "5")]
    [InlineData("7 / 2 * 2 + 7 % 2", "7")]
    [InlineData("-2 * -3", "6")]
    [InlineData("1 + 1 == 2 and not 3 < 2", "true")]
    [InlineData("false and 1 / 0 == 1 or true", "true")]
    [InlineData("if 2 >= 2 then \"yes\" else \"no\"", "\"yes\"")]
    [InlineData("let x = 4 in let y = x * x in y - x", "12")]
    [InlineData("upper(slice(\"hello\", 1, 3)) + \"!\"", "\"EL!\"")]
    [InlineData("slice(\"abc\", 2, 99) + slice(\"abc\", -5, 1)", "\"ca\"")]
    [InlineData("len(replace(trim(\" a b \"), \" \", \"--\"))", "4")]
    [InlineData("find(\"banana\", \"na\") + number(\"40\")", "42")]
    [InlineData("max(3, min(9, 5)) + abs(-2)", "7")]
    [InlineData("\"say \\\"hi\\\"\" # a comment", "\"say \"hi\"\"")]
    public void Evaluate_WhenProgramIsRight_GivesItsValue(string expression, string expected) =>
        Assert.Equal(expected, MiniInterpreter.Show(Evaluate(expression)));

    [Theory]
    [InlineData("1 / 0", "division by zero")]
    [InlineData("1 % 0", "division by zero")]
    [InlineData("1 + true", "true is not a number")]
    [InlineData("upper(1)", "1 is not a text")]
    [InlineData("if 1 then 2 else 3", "1 is neither true nor false")]
    [InlineData("x + 1", "unknown name 'x'")]
    [InlineData("nothing(1)", "unknown function 'nothing'")]
    [InlineData("len(1, 2)", "len doesn't take 2 values")]
    [InlineData("9223372036854775807 + 1", "a number too large")]
    public void Evaluate_WhenProgramFails_SaysWhy(string expression, string message) =>
        Assert.Equal(message, Assert.Throws<MiniException>(() => Evaluate(expression)).Message);

    [Fact]
    public void Evaluate_WhenFunctionsCallEachOther_ComputesThem() =>
        Assert.Equal(720L, Evaluate("factorial(6)", "fn factorial(n) = if n < 2 then 1 else n * factorial(less(n))\nfn less(n) = n - 1"));

    [Theory]
    [InlineData("fn f(n) = f(n)", "calls nested too deep in f")]
    [InlineData("fn f(n) = if n == 0 then 0 else f(n - 1) + f(n - 1)", "out of fuel (an endless recursion?)")]
    public void Evaluate_WhenRecursionIsEndless_Stops(string function, string message) =>
        Assert.Equal(message, Assert.Throws<MiniException>(() => Evaluate("f(60)", function)).Message);

    [Fact]
    public void Evaluate_WhenArgumentCountDiffers_SaysSo() =>
        Assert.Equal("f takes 2 values, not 1", Assert.Throws<MiniException>(() => Evaluate("f(1)", "fn f(a, b) = a")).Message);

    [Fact]
    public void Evaluate_WhenCalledFunctionNamesItsCallersLet_DoesNotSeeIt() =>
        Assert.Throws<MiniException>(() => Evaluate("let secret = 1 in f(2)", "fn f(a) = a + secret"));

    private static object Evaluate(string expression, string functions = "")
    {
        var program = MiniProgram.Load([new("src/a.mini", functions), new("tests/a.mini", $"test \"it\" = {expression}")]);
        return new MiniInterpreter(program).Evaluate(program.Tests[0].Check);
    }
}
