using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using Rollbook.Testing;
using Xunit;

namespace Rollbook.Cli.Tests.Import;

/// <summary>ATIF files that are not what they should be, and how they are read.</summary>
public sealed class AtifImportTests : IAsyncLifetime
{
    private readonly TemporaryDirectory _directory = new();
    private FakeRecorder _recorder = null!;

    private static string Document => """
        {"schema_version":"ATIF-v1.8","trajectory_id":"01HZZZZZZZZZZZZZZZZZZZZZZZ","agent":{"name":"a","version":"1"},
        "extra":{"episode_id":"01HZZZZZZZZZZZZZZZZZZZZZZZ","worker":"w.0","task":"t","variant_id":"v","status":"completed","step_count":1,"start_time":1.5},
        "steps":[{"step_id":1,"source":"user","message":"t"},
        {"step_id":2,"source":"agent","message":"","tool_calls":[{"tool_call_id":"c","function_name":"ls","arguments":{"query":"ls"}}],"extra":{"ordinal":0,"hash":"HASH","reward":1.50}}]}
        """;

    private static string Hash { get; } = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData("""{"action_type":"ls","action_query":"ls","reward":1.50}"""u8)[..16]);

    public async ValueTask InitializeAsync() => _recorder = await FakeRecorder.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _recorder.DisposeAsync();
        _directory.Dispose();
    }

    [Fact]
    public async Task Import_OfADocument_SendsTheCanonicalLine()
    {
        var run = await CliRun.OfAsync(_recorder, "import", Write(Document));

        Assert.True(run.ExitCode == 0, run.Out);
        Assert.Equal("""{"action_type":"ls","action_query":"ls","reward":1.50}""", Assert.Single(Assert.Single(_recorder.Episodes.Values).Steps));
    }

    [Theory]
    [InlineData("\"reward\":1.50", "\"reward\":1.5", "step 0 is not the step that was exported")]
    [InlineData("\"ordinal\":0", "\"ordinal\":1", "step 1 stands where step 0 belongs")]
    [InlineData("\"step_count\":1", "\"step_count\":2", "has 1 of the 2 steps")]
    [InlineData("\"episode_id\"", "\"id\"", "of another program")]
    [InlineData("\"extra\":{\"episode_id\"", "\"other\":{\"episode_id\"", "of another program")]
    [InlineData("\"tool_calls\"", "\"calls\"", "has no tool call")]
    [InlineData("1.50}}]}", "1.50}}]", "cut short")]
    [InlineData("\"worker\":\"w.0\",", "", "no \"worker\"")]
    public async Task Import_OfADocumentThatWasChanged_SendsNothingAndSaysWhy(string old, string other, string reason)
    {
        var run = await CliRun.OfAsync(_recorder, "import", Write(Document.Replace(old, other, StringComparison.Ordinal)));

        Assert.Equal(1, run.ExitCode);
        Assert.Contains(reason, run.Out, StringComparison.Ordinal);
        Assert.Empty(_recorder.Episodes);
    }

    [Fact]
    public async Task Import_OfAStepWithoutItsHash_TakesItAsItStands()
    {
        var run = await CliRun.OfAsync(_recorder, "import", Write(Document.Replace("\"hash\":\"HASH\",", "", StringComparison.Ordinal).Replace("1.50", "2", StringComparison.Ordinal)));

        Assert.True(run.ExitCode == 0, run.Out);
        Assert.EndsWith("\"reward\":2}", Assert.Single(Assert.Single(_recorder.Episodes.Values).Steps), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Import_OfADirectory_TakesItsAtifFilesAlone()
    {
        _directory.Write("a.atif.json", Document.Replace("HASH", Hash, StringComparison.Ordinal));
        _directory.Write("b.jsonl", Document.Replace("HASH", Hash, StringComparison.Ordinal).ReplaceLineEndings("").Replace("ZZZZ\"", "ZZZY\"", StringComparison.Ordinal));
        _directory.Write("result.json", "{}");

        var run = await CliRun.OfAsync(_recorder, "import", _directory.Path);

        Assert.True(run.ExitCode == 0, run.Out);
        Assert.Equal(2, _recorder.Episodes.Count);
    }

    [Fact]
    public async Task Import_WhenOneOfSeveralIsRefused_RecordsTheOthers()
    {
        _recorder.Episodes.Add("01HZZZZZZZZZZZZZZZZZZZZZZZ", new FakeEpisode { Id = "01HZZZZZZZZZZZZZZZZZZZZZZZ", Worker = "other", Body = """{"task":"t","variant_id":"v"}""" });
        var second = Document.Replace("ZZZZ\"", "ZZZY\"", StringComparison.Ordinal);

        var run = await CliRun.OfAsync(_recorder, "import", Write(Document + "\n" + second));

        Assert.Equal((1, 2), (run.ExitCode, _recorder.Episodes.Count));
        Assert.Contains("episode 01HZZZZZZZZZZZZZZZZZZZZZZZ: the recorder has another", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pieces_HoweverTheStreamComes_AreThoseOfTheText() => await Gen.Select(RawJsonGen.Value.Array[0, 5], RawJsonGen.Value, Gen.Int[1, 200_000], Gen.Int[1, 3]).SampleAsync(async (steps, member, filler, documents) =>
    {
        var big = new string('x', filler);
        var text = $$"""{"a": {{member.Spaced}}, "steps" :[{{string.Join(" , ", steps.Select(step => step.Spaced))}} ], "b":"{{big}}"}""";
        var stream = new MemoryStream(Encoding.UTF8.GetBytes(string.Join("\n", Enumerable.Repeat(text, documents)) + "\n "));

        var pieces = new List<AtifPiece>();
        await foreach (var piece in AtifPieces.ReadAsync(stream, CancellationToken.None))
            pieces.Add(piece);

        Assert.Equal(documents * (steps.Length + 4), pieces.Count);
        foreach (var document in pieces.Chunk(steps.Length + 4))
        {
            Assert.Equal(AtifPieceKind.Begin, document[0].Kind);
            Assert.Equal(("a", member.Spaced.Trim()), (document[1].Name, Encoding.UTF8.GetString(document[1].Json.Span)));
            Assert.Equal(steps.Select(step => step.Spaced.Trim()), document[2..^2].Select(piece => Encoding.UTF8.GetString(piece.Json.Span)));
            Assert.Equal(("b", $"\"{big}\""), (document[^2].Name, Encoding.UTF8.GetString(document[^2].Json.Span)));
            Assert.Equal(AtifPieceKind.End, document[^1].Kind);
        }

        Assert.All(pieces.Where(piece => piece.Kind == AtifPieceKind.Begin), (piece, index) => Assert.Equal((long)index * (Encoding.UTF8.GetByteCount(text) + 1), piece.Offset));
    }, iter: 200);

    private string Write(string document) => _directory.Write("e.json", document.Replace("HASH", Hash, StringComparison.Ordinal));
}
