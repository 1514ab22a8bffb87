using System.Text;
using Rollbook.Silo.Http;

namespace Rollbook.Silo.Tests.Http.Steps.Envelopes;

/// <summary>What a body with steps of many episodes may hold, and whom a fault in it concerns.</summary>
public sealed class EnvelopeBatchTests
{
    private static readonly string Id = Envelope.Id(0);

    public static TheoryData<string, int, string> RefusedWhole => new()
    {
        { "", 1, "" },
        { "\n \r\n", 1, "" },
        { "1", 1, "" },
        { "null", 1, "" },
        { "[" + Envelope.Line(0, 0) + "]", 1, "" },
        { "{}", 1, "/step" },
        { $$"""{"episode_id":"{{Id}}","ordinal":0}""", 1, "/step" },
        { $$$"""{"episode_id":"{{{Id}}}","step":{"action_type":"a"}}""", 1, "/ordinal" },
        { """{"ordinal":0,"step":{"action_type":"a"}}""", 1, "/episode_id" },
        { Envelope.Line(0, 0) + "\n" + """{"ordinal":0,"step":{"reward":1}}""", 2, "/episode_id" },
        { """{"step":{"reward":NaN},"ordinal":0}""", 1, "/step/reward" },
        { Envelope.Line(0, 0).Replace(Id, Id[1..], StringComparison.Ordinal), 1, "/episode_id" },
        { Envelope.Line(0, 0).Replace(Id, "é" + Id[2..], StringComparison.Ordinal), 1, "/episode_id" },
        { Envelope.Line(0, 0).Replace(Id, "8" + Id[1..], StringComparison.Ordinal), 1, "/episode_id" },
        { Envelope.Line(0, 0).Replace($"\"{Id}\"", "7", StringComparison.Ordinal), 1, "/episode_id" },
        { Envelope.Line(0, -1), 1, "/ordinal" },
        { Envelope.Line(0, 0).Replace(":0,", ":0.0,", StringComparison.Ordinal), 1, "/ordinal" },
        { Envelope.Line(0, 0).Replace(":0,", ":\"0\",", StringComparison.Ordinal), 1, "/ordinal" },
        { Envelope.Line(0, 0).Replace(":0,", ":null,", StringComparison.Ordinal), 1, "/ordinal" },
        { Envelope.Line(0, 0).Replace(":0,", ":9223372036854775808,", StringComparison.Ordinal), 1, "/ordinal" },
        { Envelope.Line(0, 0, epoch: -1), 1, "/writer_epoch" },
        { Envelope.Line(0, 0).Replace(":0,", ":0,\"more\":1,", StringComparison.Ordinal), 1, "/more" },
        { Envelope.Line(0, 0).Replace(":0,", ":0,\"ordinal\":0,", StringComparison.Ordinal), 1, "/ordinal" },
        { Envelope.Line(0, 0).Replace(":0,", $":0,\"episode_id\":\"{Id}\",", StringComparison.Ordinal), 1, "/episode_id" },
        { Envelope.Line(0, 0).Replace(":0,", ":0,\"writer_epoch\":null,\"writer_epoch\":1,", StringComparison.Ordinal), 1, "/writer_epoch" },
        { Envelope.Line(0, 0).Replace(":0,", ":0,\"step\":{\"action_type\":\"b\"},", StringComparison.Ordinal), 1, "/step" },
        { Envelope.Line(0, 0).Replace(":0,", ":0,\"\\ud800\":1,", StringComparison.Ordinal), 1, "/\\ud800" },
        { Envelope.Line(0, 0) + " x", 1, "" },
        { Envelope.Line(0, 0) + Envelope.Line(0, 1), 1, "" },
        { Envelope.Line(0, 0)[..^1], 1, "/step" },
        { Envelope.Line(0, 0).Replace(":0,", ":0\0,", StringComparison.Ordinal), 1, "/ordinal" },
        { "\0" + Envelope.Line(0, 0), 1, "" },
        { "\uFEFF" + Envelope.Line(0, 0), 1, "" },
        // The order of an episode's lines.
        { Envelope.Body(Envelope.Line(0, 5), Envelope.Line(0, 7)), 2, "/ordinal" },
        { Envelope.Body(Envelope.Line(0, 5), Envelope.Line(0, 5)), 2, "/ordinal" },
        { Envelope.Body(Envelope.Line(0, 5), Envelope.Line(0, 4)), 2, "/ordinal" },
        { Envelope.Body(Envelope.Line(0, long.MaxValue), Envelope.Line(0, 0)), 2, "/ordinal" },
        { Envelope.Body(Envelope.Line(0, long.MaxValue), Envelope.Line(0, long.MaxValue)), 2, "/ordinal" },
        { Envelope.Body(Envelope.Line(0, 5, "{}"), Envelope.Line(0, 7)), 2, "/ordinal" },
        { Envelope.Body(Envelope.Line(0, 0), Envelope.Line(1, 0), "", Envelope.Line(0, 1)), 4, "/episode_id" },
        { Envelope.Body(Envelope.Line(0, 0), Envelope.Line(1, 0), Envelope.Line(0, 0).ToLowerInvariant()), 3, "/episode_id" },
        { Envelope.Body(Envelope.Line(0, 0, epoch: 1), Envelope.Line(0, 1, epoch: 2)), 2, "/writer_epoch" },
        { Envelope.Body(Envelope.Line(0, 0, epoch: 1), Envelope.Line(0, 1)), 2, "/writer_epoch" },
    };

    public static TheoryData<string, string> RefusedSteps => new()
    {
        { "{}", "/action_type" },
        { "[]", "" },
        { "null", "" },
        { "\"a\"", "" },
        { """{"action_type":"a","observation_snapshot":{"a":[NaN]}}""", "/observation_snapshot/a/0" },
        { """{"action_type":"a","reward":1e400}""", "/reward" },
        { """{"action_type":"a","action_type":"a"}""", "/action_type" },
        { """{"action_type":"\ud800"}""", "/action_type" },
        { "{\"action_type\":\"a\0\"}", "/action_type" },
        { "{\"action_type\":\"a", "/action_type" },
        { "{\"action_type\":\"a\",\"observation_snapshot\":" + new string('[', 256) + new string(']', 256) + "}", "/observation_snapshot" },
    };

    [Theory]
    [MemberData(nameof(RefusedWhole))]
    public void Read_BadLine_IsRefusedWhole(string body, int line, string pointer)
    {
        var error = Assert.Throws<BadJsonException>(() => Envelope.Read(body));
        Assert.Equal((line, pointer), (error.Line, error.Pointer));
        Assert.DoesNotContain("LineNumber", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(RefusedSteps))]
    public void Read_BadStep_RefusesItsEpisodeOnly(string step, string pointer)
    {
        var parts = Envelope.Read(Envelope.Body(
            Envelope.Line(0, 3), Envelope.Line(1, 7), Envelope.Line(1, 8, step), Envelope.Line(1, 9), Envelope.Line(2, 0)));
        Assert.Equal([Envelope.Id(0), Envelope.Id(1), Envelope.Id(2)], parts.Select(part => part.Episode.ToString()));
        Assert.Null(parts[0].Refusal);
        Assert.Null(parts[2].Refusal);
        Assert.Equal(3, parts[1].Refusal!.Line);
        Assert.StartsWith(pointer, parts[1].Refusal!.Pointer, StringComparison.Ordinal);
        Assert.Equal((1, 0, 1), (parts[0].Steps.Count, parts[1].Steps.Count, parts[2].Steps.Count));
        Assert.Equal([Envelope.Step], Encoded.Lines(parts[0].Steps));
        Assert.Equal([Envelope.Step], Encoded.Lines(parts[2].Steps));
    }

    [Fact]
    public void Read_FirstStepBadAndNotJson_NeedsNoEpochOfIt()
    {
        var part = Assert.Single(Envelope.Read(Envelope.Body(
            $$$"""{"episode_id":"{{{Id}}}","ordinal":0,"step":{"x":nan},"writer_epoch":4}""", Envelope.Line(0, 1, epoch: 4))));
        Assert.Equal("/x", part.Refusal!.Pointer);
    }

    [Theory]
    [InlineData("\"step\":{\"reward\":true},\"ordinal\":0")]
    [InlineData("\"ordinal\":0,\"step\":{\"reward\":true}")]
    [InlineData("\"ordinal\":0,\"st\\u0065p\":{\"reward\":true},\"writer_epoch\":null")]
    public void Read_BadStepAnywhereInItsLine_FindsItsEpisode(string rest)
    {
        var parts = Envelope.Read($"{{{rest},\"episode_id\":\"{Id}\"}}\n{Envelope.Line(1, 0)}");
        Assert.Equal("/reward", parts[0].Refusal!.Pointer);
        Assert.Null(parts[1].Refusal);
    }

    [Fact]
    public void Read_SpacesEscapesAndAnyOrder_AreTheSame()
    {
        var lower = Id.ToLowerInvariant();
        var part = Assert.Single(Envelope.Read(
            $"\r\n {{ \"st\\u0065p\" : {{ \"action_type\" : \"a\" }} , \"writer_epoch\" : null , \"ordinal\" : 41 , \"episode_id\" : \"{lower}\" }} \r\n\n{Envelope.Line(0, 42)}\n"));
        Assert.Equal((Id, 41, null, 2), (part.Episode.ToString(), part.From, part.WriterEpoch, part.Steps.Count));
        Assert.Equal([Envelope.Step, Envelope.Step], Encoded.Lines(part.Steps));
    }

    [Fact]
    public void Read_InvalidUtf8_ConcernsWhereItStands()
    {
        var line = Envelope.Line(0, 0, """{"action_type":"aé","observation_snapshot":{"aa":["a"]}}""");
        var step = line.IndexOf("{\"action_type", StringComparison.Ordinal);
        for (var at = line.IndexOf('a', StringComparison.Ordinal); at >= 0; at = line.IndexOf('a', at + 1))
        {
            // One letter after another becomes a byte that no UTF-8 text has.
            byte[] body =
            [
                .. Encoding.UTF8.GetBytes(Envelope.Line(1, 0) + "\n" + line[..at]), 0xFF, .. Encoding.UTF8.GetBytes(line[(at + 1)..] + "\n" + Envelope.Line(2, 0)),
            ];
            if (at < step)
            {
                Assert.Equal(2, Assert.Throws<BadJsonException>(() => Envelope.Read(body)).Line);
                continue;
            }

            var parts = Envelope.Read(body);
            Assert.Equal((null, 2, null), (parts[0].Refusal, parts[1].Refusal!.Line, parts[2].Refusal));
        }
    }

    [Fact]
    public void Read_InvalidUtf8BehindTheStep_IsRefusedWhole()
    {
        byte[] body = [.. Encoding.UTF8.GetBytes($"{Envelope.Line(0, 0)[..^1]},\"writer_epoch\":\""), 0xFF, .. "\"}"u8];
        Assert.Equal("/writer_epoch", Assert.Throws<BadJsonException>(() => Envelope.Read(body)).Pointer);
    }

    [Fact]
    public void Read_OneEpisodeOrStepTooMany_IsTooLarge()
    {
        static string Episodes(int count) => Envelope.Body(Enumerable.Range(0, count).Select(n => Envelope.Line(n, n)));
        static string Steps(int count) => Envelope.Body(Enumerable.Range(0, count).Select(n => Envelope.Line(0, n)));
        Assert.Equal(EnvelopeBatch.MaxEpisodes, Envelope.Read(Episodes(EnvelopeBatch.MaxEpisodes)).Count);
        Assert.Throws<TooLargeException>(() => Envelope.Read(Episodes(EnvelopeBatch.MaxEpisodes + 1)));
        Assert.Equal(StepBatch.MaxSteps, Envelope.Read(Steps(StepBatch.MaxSteps))[0].Steps.Count);
        Assert.Throws<TooLargeException>(() => Envelope.Read(Steps(StepBatch.MaxSteps + 1)));
    }

    /// <summary>The same steps give the same entries, byte for byte, and the same refusals, as in requests of their own.</summary>
    [Fact]
    public void Read_RandomSteps_GivesTheEntriesOfTheSingleRoute()
    {
        for (var seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            var json = new RandomJson(seed);
            var episodes = Enumerable.Range(0, random.Next(1, 6)).Select(_ => Enumerable.Range(0, random.Next(1, 6)).Select(_ => Step(random, json)).ToArray()).ToArray();
            var body = new List<byte>();
            for (var n = 0; n < episodes.Length; n++)
            {
                for (var i = 0; i < episodes[n].Length; i++)
                {
                    body.AddRange(Encoding.UTF8.GetBytes($"{{\"episode_id\":\"{Envelope.Id(n)}\",\"ordinal\":{seed + i},\"step\":"));
                    body.AddRange(episodes[n][i]);
                    body.AddRange("}\n"u8);
                }
            }

            var parts = Envelope.Read(body.ToArray());
            Assert.Equal(episodes.Length, parts.Count);
            for (var n = 0; n < episodes.Length; n++) AssertAsSingle(episodes[n], parts[n], seed);
        }
    }

    private static void AssertAsSingle(byte[][] steps, EpisodeSteps part, int seed)
    {
        var lines = steps.SelectMany(step => step.Append((byte)'\n')).ToArray();
        EncodedSteps single;
        try
        {
            single = StepBatch.Encode(lines, ndjson: true, Encoded.ReceivedAt);
        }
        catch (BadJsonException error)
        {
            Assert.True(part.Refusal is not null, $"seed {seed}: {error.Message} is refused by the one route and taken by the other");
            Assert.Equal(0, part.Steps.Count);
            // Bytes that are not UTF-8 are told before anything else by the one route, in their place by the other.
            if (!error.Message.Contains("UTF-8", StringComparison.Ordinal)) Assert.Equal(error.Pointer, part.Refusal!.Pointer);
            return;
        }

        Assert.True(part.Refusal is null, $"seed {seed}: {part.Refusal?.Message} is taken by the one route and refused by the other");
        Assert.Equal((seed, single.Count), (part.From, part.Steps.Count));
        Assert.Equal(single.Bytes.ToArray(), part.Steps.Bytes.ToArray());
    }

    /// <summary>A step; one of eight is damaged, in a way that leaves its line's brackets and quotes alone.</summary>
    private static byte[] Step(Random random, RandomJson json)
    {
        var step = Encoding.UTF8.GetBytes(json.Members(json.Step()));
        if (random.Next(8) != 0) return step;
        var at = Array.IndexOf(step, (byte)'t');
        step[at] = random.Next(3) switch { 0 => 0, 1 => 0xC3, _ => (byte)'u' };
        return step;
    }
}
