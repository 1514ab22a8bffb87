using Rollbook.Silo.Demo;
using Xunit;

namespace Rollbook.Silo.Tests.Demo;

public sealed class MutationTests
{
    private const string Source = "fn other(a) = a + 7\nfn clamp(x) = if x < 0 then 0 else min(x, 10)\nfn last(b) = b * 3\n";

    [Fact]
    public void Of_WhenSeedsDiffer_ChangesOnlyThatFunctionAndStaysAProgram()
    {
        var seen = new HashSet<string>();
        for (var seed = 0; seed < 200; seed++)
        {
            var changed = Mutation.Of("a.mini", Source, "clamp", new Random(seed))!;
            Assert.NotEqual(Source, changed);
            Assert.StartsWith("fn other(a) = a + 7\nfn clamp(x) = if x ", changed);
            Assert.EndsWith("\nfn last(b) = b * 3\n", changed);
            MiniParser.Parse("a.mini", changed);
            seen.Add(changed);
        }
        Assert.Contains(Source.Replace("x < 0", "x <= 0"), seen);
        Assert.Contains(Source.Replace("min(x", "max(x"), seen);
        Assert.InRange(seen.Count, 6, 10);
    }

    [Theory]
    [InlineData("fn f(a) = a", "f")]
    [InlineData("fn f(a) = 1", "g")]
    [InlineData("fn f(a) = \"open", "f")]
    public void Of_WhenNothingCanBeChanged_IsNull(string source, string function) =>
        Assert.Null(Mutation.Of("a.mini", source, function, new Random(1)));
}
