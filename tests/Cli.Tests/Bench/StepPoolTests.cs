using System.Text.Json;
using Xunit;

namespace Rollbook.Cli.Tests.Bench;

public sealed class StepPoolTests
{
    private readonly StepPool _pool = new(seed: 7, variety: 40);

    [Fact]
    public void Write_WhenManyStepsAreMade_HasTheDocumentedSizes()
    {
        var lengths = Enumerable.Range(0, 100).Select(ordinal => _pool.ToArray(3, ordinal).Length).ToArray();

        Assert.All(lengths.Index(), step => Assert.Equal(step.Index % 5 == 4 ? 2840 : 740, step.Item));
        Assert.Equal(1160, lengths.Average());
    }

    [Fact]
    public void Write_WhenManyStepsAreMade_IsAsciiJsonThatTheRecorderTakesAsItIs()
    {
        for (var ordinal = 0; ordinal < 200; ordinal++)
        {
            var json = _pool.ToArray(ordinal % 7, ordinal);

            Assert.True(System.Text.Ascii.IsValid(json));
            var entry = StepEntry.Read(StepBatch.Encode(json, ndjson: false, receivedAt: 0).Bytes.Span);
            Assert.Equal(ordinal % 5 == 4, JsonDocument.Parse(entry.Line.ToArray()).RootElement.TryGetProperty("file_diff", out _));
            // Canonical already: encoding neither moves nor rewrites a field.
            Assert.Equal(json, entry.Line.ToArray());
        }
    }

    [Fact]
    public void Write_WhenSeedIsTheSame_MakesTheSameBytes()
    {
        var again = new StepPool(seed: 7, variety: 40);
        var other = new StepPool(seed: 8, variety: 40);

        Assert.All(Enumerable.Range(0, 50), ordinal => Assert.Equal(_pool.ToArray(1, ordinal), again.ToArray(1, ordinal)));
        Assert.NotEqual(_pool.ToArray(1, 0), other.ToArray(1, 0));
    }

    [Fact]
    public void Write_WhenPlacesDiffer_MakesNoTwoEqualSteps()
    {
        var steps = from episode in Enumerable.Range(0, 50) from ordinal in Enumerable.Range(0, 100) select Convert.ToBase64String(_pool.ToArray(episode, ordinal));

        Assert.Equal(5000, steps.Distinct().Count());
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(4, 1)]
    [InlineData(3, 64)]
    [InlineData(1000, 7)]
    public void Length_WhenARunIsAsked_IsTheSumOfItsSteps(long from, int count) =>
        Assert.Equal(Enumerable.Range(0, count).Sum(i => _pool.ToArray(0, from + i).Length), StepPool.Length(from, count));

    [Fact]
    public void Difference_WhenOneValueIsChanged_NamesIt()
    {
        var sent = _pool.ToArray(0, 0);
        var recorded = System.Text.Encoding.ASCII.GetString(sent).Replace("\"run_command\"", "\"run_commend\"", StringComparison.Ordinal);

        Assert.Null(StepCheck.Difference(sent, sent));
        Assert.Contains("action_type", StepCheck.Difference(sent, System.Text.Encoding.ASCII.GetBytes(recorded)), StringComparison.Ordinal);
        Assert.Contains("timestamp is missing", StepCheck.Difference(sent, "{}"u8.ToArray()), StringComparison.Ordinal);
    }
}
