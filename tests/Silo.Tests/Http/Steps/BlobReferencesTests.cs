using System.Text;
using CsCheck;
using Rollbook.Episodes;
using Rollbook.Testing;

namespace Rollbook.Silo.Tests.Http.Steps;

/// <summary>References to large values are found wherever they stand, and nothing else is taken for one.</summary>
public sealed class BlobReferencesTests
{
    private static readonly string A = new('a', 64);
    private static readonly string B = "0123456789abcdef" + new string('b', 48);

    [Theory]
    [InlineData("""{"action_type":"a","observation_snapshot":{"$blob":"A","bytes":3}}""", "A")]
    [InlineData("""{"action_type":"a","observation_snapshot":{"x":[1,[{"y":{"bytes":3,"$blob":"B","media_type":"image/png"}}],"A"]}}""", "B")]
    [InlineData("""{ "action_type" : "a", "observation_snapshot" : { "x" : [ { "$blob" : "A" } , { "bytes" : 3 , "$blob" : "B" } ] } }""", "A,B")]
    [InlineData("""{"action_type":"a","action_content":{"$blob":"A","bytes":3},"thought":{"$blob":"B"},"response":{"$blob":"A"}}""", "A,B")]
    [InlineData("""{"action_type":"a","file_diff":{"path":"p","before":{"$blob":"B"},"after":{"$blob":"A"}}}""", "B,A")]
    [InlineData("""{"action_type":"a","extra":{"tools":[{"out":{"$blob":"A"}}]},"unknown":{"$blob":"B"}}""", "A,B")]
    [InlineData("""{"action_type":"a","$blob":"A"}""", "A")]
    [InlineData("""{"action_type":"a","observation_snapshot":"{\"$blob\":\"A\"}"}""", "")]
    [InlineData("""{"action_type":"a","observation_snapshot":{"x,\"$blob":"A"}}""", "")]
    [InlineData("""{"action_type":"a","observation_snapshot":{"$blob":"Aa"}}""", "")]
    [InlineData("""{"action_type":"a","observation_snapshot":{"$blob":"sha256:A"}}""", "")]
    [InlineData("""{"action_type":"a","observation_snapshot":{"$blob":["A"]}}""", "")]
    [InlineData("""{"action_type":"a","observation_snapshot":{"a$blob":"A"}}""", "")]
    [InlineData("""{"action_type":"a","observation_snapshot":["$blob","A"]}""", "")]
    [InlineData("""{"action_type":"a","observation_snapshot":{"$blob":7,"b":{"$blob":"B"}}}""", "B")]
    public void Of_AStep_FindsItsReferences(string step, string expected)
    {
        var steps = Encoded.Of(step.Replace("A", A, StringComparison.Ordinal).Replace("B", B, StringComparison.Ordinal));

        Assert.Equal(expected.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(name => name == "A" ? A : B), BlobReferences.Of(steps));
        Assert.Equal(expected != "", BlobReferences.Any(steps));
        Assert.Equal(expected != "", (StepEntry.Read(steps.Bytes.Span).Flags & StepFlags.Blobs) != 0);
    }

    [Theory]
    [InlineData("action_content", """{"bytes":3,"$blob":"A"}""")]
    [InlineData("action_content", """{"$blob":"AB"}""")]
    [InlineData("thought", """{"\u0024blob":"A"}""")]
    [InlineData("thought", "{}")]
    [InlineData("response", "[1]")]
    [InlineData("response", "7")]
    [InlineData("error", """{"$blob":"A"}""")]
    [InlineData("action_path", """{"$blob":"A"}""")]
    public void Encode_OfATextThatIsNeitherTextNorReference_IsRefused(string field, string value)
    {
        var bad = Assert.Throws<BadJsonException>(() => Encoded.Of($$"""{"action_type":"a","{{field}}":{{value.Replace("A", A, StringComparison.Ordinal).Replace("B", B, StringComparison.Ordinal)}}}"""));
        Assert.Equal($"/{field}", bad.Pointer);
    }

    [Fact]
    public void Of_RandomStepsWithReferencesPutIn_FindsThemAll() => Gen.Select(Gen.Int[0, int.MaxValue], Gen.Int[0, 5], Gen.Int[1, 6]).Sample((seed, count, batch) =>
    {
        var expected = new List<string>();
        var random = new Random(seed);
        var steps = new List<string>();
        for (var i = 0; i < batch; i++)
        {
            var json = new RandomJson(random.Next());
            var members = json.Members(json.Step()).TrimEnd()[..^1];
            for (var j = 0; j < count; j++)
            {
                var bytes = new byte[32];
                random.NextBytes(bytes);
                var hash = Convert.ToHexStringLower(bytes);
                expected.Add(hash);
                members += $$$""", "in {{{j}}} of seventeen": [[{"n": {"bytes": 1, "$blob" : "{{{hash}}}"}}]]""";
            }

            steps.Add(members + "}");
        }

        Assert.Equal(expected, BlobReferences.Of(Encoded.Of($"[{string.Join(',', steps)}]")));
    }, iter: 500);
}
