using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Rollbook.Silo.Http;
using Rollbook.Testing;

namespace Rollbook.Silo.Tests.Http.Steps.Envelopes;

/// <summary>Steps of many episodes over HTTP, with owners that do as they are told.</summary>
public sealed class EnvelopesApiTests
{
    [Fact]
    public async Task Append_ToMany_IsOneCallAndOneLineEach()
    {
        await using var server = await EnvelopeServer.StartAsync(3);
        var answer = await server.AppendAsync(Envelope.Body(
            Envelope.Line(0, 7, epoch: 2), Envelope.Line(0, 8, epoch: 2), Envelope.Line(2, 0), Envelope.Line(1, 41)));
        Assert.Equal(
            [
                $$"""{"episode_id":"{{Envelope.Id(0)}}","next_ordinal":9,"duplicates":0}""",
                $$"""{"episode_id":"{{Envelope.Id(1)}}","next_ordinal":42,"duplicates":0}""",
                $$"""{"episode_id":"{{Envelope.Id(2)}}","next_ordinal":1,"duplicates":0}""",
            ],
            answer.Select(line => line.ToJsonString()).Order());
        Assert.Equal([(7L, 2, 2L)], server.Episodes[0].Appends.Select(append => (append.From, append.Steps.Count, append.WriterEpoch!.Value)));
        Assert.Equal([(41L, 1, null)], server.Episodes[1].Appends.Select(append => (append.From, append.Steps.Count, append.WriterEpoch)));
        Assert.Single(server.Episodes[2].Appends);
    }

    [Fact]
    public async Task Append_OneSlow_HoldsBackNoOther()
    {
        await using var server = await EnvelopeServer.StartAsync(3);
        var durable = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        server.Episodes[0].OnAppend = async append =>
        {
            await durable.Task;
            return new AppendReply(RollbookCode.Ok, append.From + append.Steps.Count, 0);
        };
        using var response = await server.SendAsync(Envelope.Body(Envelope.Line(0, 0), Envelope.Line(1, 0), Envelope.Line(2, 0, "{}")));
        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync());
        Assert.Equal([Envelope.Id(1), Envelope.Id(2)], new[] { Id(await lines.ReadLineAsync()), Id(await lines.ReadLineAsync()) }.Order());
        durable.SetResult();
        Assert.Equal(Envelope.Id(0), Id(await lines.ReadLineAsync()));
        Assert.Null(await lines.ReadLineAsync());
    }

    [Fact]
    public async Task Append_OneWithoutOutcome_IsUnavailableAfterFiveSecondsAndGoesOn()
    {
        await using var server = await EnvelopeServer.StartAsync(2);
        var durable = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var second = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        server.Episodes[0].OnAppend = async append =>
        {
            if (append.From > 0) second.SetResult();
            await durable.Task;
            return new AppendReply(RollbookCode.Ok, append.From + append.Steps.Count, 0);
        };
        var big = $"{{\"action_type\":\"{new string('x', 3_000_000)}\"}}";
        using var response = await server.SendAsync(Envelope.Body(Envelope.Line(1, 0), Envelope.Line(0, 0, big), Envelope.Line(0, 1, big)));
        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync());
        Assert.Equal(Envelope.Id(1), Id(await lines.ReadLineAsync()));
        server.Time.Advance(EnvelopeReply.Patience - TimeSpan.FromMilliseconds(1));
        var rest = lines.ReadLineAsync();
        server.Time.Advance(TimeSpan.FromMilliseconds(1));
        var late = JsonNode.Parse((await rest)!)!;
        Assert.Equal((Envelope.Id(0), "unavailable", true), ((string)late["episode_id"]!, (string)late["code"]!, (bool)late["retry"]!));
        Assert.Contains("5 s", (string)late["detail"]!, StringComparison.Ordinal);
        Assert.Null(await lines.ReadLineAsync());
        // The answer is given, and the second slice follows the first nevertheless.
        Assert.False(second.Task.IsCompleted);
        durable.SetResult();
        await second.Task.WaitAsync(TimeSpan.FromMinutes(1));
    }

    [Theory]
    [InlineData(RollbookCode.WriterFenced, "writer_fenced", false, null)]
    [InlineData(RollbookCode.OrdinalConflict, "ordinal_conflict", false, 17)]
    [InlineData(RollbookCode.OrdinalGap, "ordinal_gap", false, 17)]
    [InlineData(RollbookCode.EpisodeNotFound, "episode_not_found", false, null)]
    [InlineData(RollbookCode.EpisodeEnded, "episode_ended", false, null)]
    [InlineData(RollbookCode.Damaged, "damaged", false, null)]
    [InlineData(RollbookCode.Busy, "busy", true, null)]
    [InlineData(RollbookCode.Unavailable, "unavailable", true, null)]
    public async Task Append_OneRefused_FailsNoOther(RollbookCode code, string text, bool retry, int? expected)
    {
        await using var server = await EnvelopeServer.StartAsync(3);
        server.Episodes[1].OnAppend = _ => ValueTask.FromResult(new AppendReply(code, 17, 0));
        var answer = await server.AppendAsync(Envelope.Body(Envelope.Line(0, 0), Envelope.Line(1, 20), Envelope.Line(2, 0)));
        Assert.Equal([Envelope.Id(0), Envelope.Id(2)], answer.Where(line => line["code"] is null).Select(line => (string)line["episode_id"]!).Order());
        var refused = Assert.Single(answer, line => line["code"] is not null);
        Assert.Equal((Envelope.Id(1), text, retry), ((string)refused["episode_id"]!, (string)refused["code"]!, (bool)refused["retry"]!));
        Assert.Equal(expected, (int?)refused["expected"]);
        Assert.NotEmpty((string)refused["detail"]!);
    }

    [Fact]
    public async Task Append_OneThrows_IsUnavailableAlone()
    {
        await using var server = await EnvelopeServer.StartAsync(2);
        foreach (var error in new Exception[] { new TimeoutException(), new Orleans.Runtime.OrleansException("moving"), new InvalidOperationException() })
        {
            server.Episodes[0].OnAppend = _ => throw error;
            var answer = await server.AppendAsync(Envelope.Body(Envelope.Line(0, 0), Envelope.Line(1, 0)));
            Assert.Equal([(Envelope.Id(0), "unavailable"), (Envelope.Id(1), null)], answer.Select(line => ((string)line["episode_id"]!, (string?)line["code"])).Order());
        }
    }

    [Fact]
    public async Task Append_BadStep_NamesPointerAndLineAndSendsNothingOfItsEpisode()
    {
        await using var server = await EnvelopeServer.StartAsync(2);
        var answer = await server.AppendAsync(Envelope.Body(
            Envelope.Line(0, 0), Envelope.Line(0, 1, """{"action_type":"a","observation_snapshot":{"a":[NaN]}}"""), Envelope.Line(1, 0)));
        var refused = Assert.Single(answer, line => line["code"] is not null);
        Assert.Equal(
            ("bad_json", false, "/observation_snapshot/a/0", 2),
            ((string)refused["code"]!, (bool)refused["retry"]!, (string)refused["pointer"]!, (int)refused["line"]!));
        Assert.Empty(server.Episodes[0].Appends);
        Assert.Single(server.Episodes[1].Appends);
    }

    [Fact]
    public async Task Append_BadLine_TakesNothing()
    {
        await using var server = await EnvelopeServer.StartAsync(2);
        using var response = await server.SendAsync(Envelope.Body(Envelope.Line(0, 0), Envelope.Line(1, 0), Envelope.Line(0, 1)));
        var problem = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
        Assert.Equal((HttpStatusCode.BadRequest, "bad_json", 3, "/episode_id"), (response.StatusCode, (string)problem["code"]!, (int)problem["line"]!, (string)problem["pointer"]!));
        using var many = await server.SendAsync(Envelope.Body(Enumerable.Range(0, 10_001).Select(n => Envelope.Line(0, n))));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, many.StatusCode);
        using var large = Gzip(Envelope.Line(0, 0, $"{{\"action_type\":\"{new string('x', BodyReader.MaxBytes)}\"}}"));
        using var refused = await server.Client.PostAsync("/v1/steps", large);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, refused.StatusCode);
        Assert.All(server.Episodes, episode => Assert.Empty(episode.Appends));
    }

    [Fact]
    public async Task Append_Over4MiB_IsSentInSlicesOfItsEpisode()
    {
        await using var server = await EnvelopeServer.StartAsync(2);
        var big = $"{{\"action_type\":\"{new string('x', 1_500_000)}\"}}";
        var answer = await server.AppendAsync(Envelope.Body(
            Enumerable.Range(5, 5).Select(ordinal => Envelope.Line(0, ordinal, big, 3)).Append(Envelope.Line(1, 0, big))));
        Assert.Equal([5L, 7, 9], server.Episodes[0].Appends.Select(append => append.From));
        Assert.All(server.Episodes[0].Appends, append => Assert.Equal(3, append.WriterEpoch));
        Assert.Equal(10, (int)answer.Single(line => (string)line["episode_id"]! == Envelope.Id(0))["next_ordinal"]!);
        Assert.Single(server.Episodes[1].Appends);
    }

    [Fact]
    public async Task Append_SliceRefusedInTheMiddle_SendsNoMore()
    {
        await using var server = await EnvelopeServer.StartAsync(1);
        server.Episodes[0].OnAppend = append => ValueTask.FromResult(
            append.From == 0 ? new AppendReply(RollbookCode.Ok, 1, 1) : new AppendReply(RollbookCode.OrdinalConflict, 1, 0));
        var big = $"{{\"action_type\":\"{new string('x', 3_000_000)}\"}}";
        var answer = Assert.Single(await server.AppendAsync(Envelope.Body(Enumerable.Range(0, 3).Select(ordinal => Envelope.Line(0, ordinal, big)))));
        Assert.Equal(("ordinal_conflict", 1), ((string)answer["code"]!, (int)answer["expected"]!));
        Assert.Equal([0L, 1], server.Episodes[0].Appends.Select(append => append.From));
    }

    [Fact]
    public async Task Append_WhenTheCallerGoesAway_IsRecordedToItsEnd()
    {
        await using var server = await EnvelopeServer.StartAsync(2);
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var durable = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var second = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        server.Episodes[1].OnAppend = async append =>
        {
            if (append.From > 0) second.SetResult();
            reached.TrySetResult();
            await durable.Task;
            return new AppendReply(RollbookCode.Ok, append.From + append.Steps.Count, 0);
        };
        using var going = new CancellationTokenSource();
        var big = $"{{\"action_type\":\"{new string('x', 3_000_000)}\"}}";
        var call = server.SendAsync(Envelope.Body(Envelope.Line(1, 0, big), Envelope.Line(1, 1, big)), going.Token);
        await reached.Task;
        await going.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        durable.SetResult();
        await second.Task.WaitAsync(TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task Append_Compressed_IsTheSame()
    {
        await using var server = await EnvelopeServer.StartAsync(2);
        using var content = Gzip(Envelope.Body(Envelope.Line(0, 0), Envelope.Line(1, 4)));
        using var response = await server.Client.PostAsync("/v1/steps", content);
        Assert.Equal(2, (await response.Content.ReadAsStringAsync()).Count('\n'));
        Assert.Equal(4, Assert.Single(server.Episodes[1].Appends).From);

        using var unknown = new ByteArrayContent([1]);
        unknown.Headers.ContentEncoding.Add("br");
        using var refused = await server.Client.PostAsync("/v1/steps", unknown);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, refused.StatusCode);
    }

    [Fact]
    public async Task Append_WhenTooMuchIsOnItsWay_IsBusy()
    {
        await using var server = await EnvelopeServer.StartAsync(1, services => services.AddSingleton(new BodyBudget(100_000)));
        using var response = await server.SendAsync(Envelope.Line(0, 0, $"{{\"action_type\":\"{new string('x', 200_000)}\"}}"));
        Assert.Equal(HttpStatusCode.TooManyRequests, response.StatusCode);
        Assert.NotNull(response.Headers.RetryAfter);
        Assert.Single(await server.AppendAsync(Envelope.Line(0, 0)));
    }

    /// <summary>A thousand outcomes that come together don't cost a thousand writes to the socket.</summary>
    [Fact]
    public async Task Append_ManyThatCompleteAtOnce_ShareFlushes()
    {
        await using var server = await EnvelopeServer.StartAsync(1_000);
        var durable = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var left = server.Episodes.Length;
        foreach (var episode in server.Episodes)
        {
            episode.OnAppend = async append =>
            {
                if (Interlocked.Decrement(ref left) == 0) durable.SetResult();
                await durable.Task;
                return new AppendReply(RollbookCode.Ok, append.From + append.Steps.Count, 0);
            };
        }

        using var response = await server.SendAsync(Envelope.Body(Enumerable.Range(0, 1_000).Select(n => Envelope.Line(n, n))));
        await using var stream = await response.Content.ReadAsStreamAsync();
        var buffer = new byte[1 << 20];
        var reads = 0;
        var lines = 0;
        while (await stream.ReadAsync(buffer) is var read and > 0)
        {
            reads++;
            lines += buffer.AsSpan(0, read).Count((byte)'\n');
        }

        Assert.Equal(1_000, lines);
        Assert.InRange(reads, 1, 500);
        Figures.Report("edge", $"1,000 episodes that complete at once are answered in {reads} pieces");
    }

    private static ByteArrayContent Gzip(string body)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true)) gzip.Write(Encoding.UTF8.GetBytes(body));
        var content = new ByteArrayContent(packed.ToArray());
        content.Headers.ContentEncoding.Add("gzip");
        return content;
    }

    private static string Id(string? line) => (string)JsonNode.Parse(line!)!["episode_id"]!;
}
