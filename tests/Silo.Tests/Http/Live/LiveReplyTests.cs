using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Rollbook.Silo.Http;
using Rollbook.Silo.Tests.Http.Steps;

namespace Rollbook.Silo.Tests.Http.Live;

/// <summary>Server-sent events.</summary>
public sealed class LiveReplyTests
{
    private const string Path = $"/v1/episodes/{EdgeServer.Id}/live";

    [Fact]
    public async Task Watch_FromTheStart_SendsStepsThenLiveThenTheEnd()
    {
        await using var server = await EdgeServer.StartAsync();
        server.Episode.Add(Encoded.Of("[{\"action_type\":\"a\"},{\"action_type\":\"b\"},{\"action_type\":\"c\"}]"));
        using var reader = await EventReader.OpenAsync(server, Path);
        Assert.Equal(["step 0", "step 1", "step 2"], await reader.TakeAsync(3));
        server.Episode.Add(Encoded.Of("{\"action_type\":\"d\",\"thought\":\"née\"}"));
        Assert.Equal(["step 3"], await reader.TakeAsync(1));
        Assert.Contains("\"thought\":\"née\"", reader.LastData, StringComparison.Ordinal);
        await server.Episode.End(new EndEpisode { Status = EpisodeStatus.Completed, Cause = "submitted" });
        Assert.Equal(["end ", null], await reader.TakeAsync(2));
        Assert.Contains("\"end_cause\":\"submitted\"", reader.LastData, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("?from=2", null, "step 2")]
    [InlineData("", "0", "step 1")]
    [InlineData("?from=0", "1", "step 2")]
    public async Task Watch_FromAPlace_BeginsThere(string query, string? lastEventId, string first)
    {
        await using var server = await EdgeServer.StartAsync();
        server.Episode.Add(Encoded.Of("[{\"action_type\":\"a\"},{\"action_type\":\"b\"},{\"action_type\":\"c\"}]"));
        using var reader = await EventReader.OpenAsync(server, Path + query, lastEventId);
        Assert.Equal([first], await reader.TakeAsync(1));
    }

    [Fact]
    public async Task Watch_WhileTheOwnerMoves_GoesOnBehindTheLastStep()
    {
        await using var server = await EdgeServer.StartAsync();
        var failures = 0;
        server.Episode.Add(Encoded.Of("[{\"action_type\":\"a\"},{\"action_type\":\"b\"},{\"action_type\":\"c\"},{\"action_type\":\"d\"}]"));
        server.Episode.OnRead = from =>
        {
            if (from != 2 || failures >= 3) return null;
            return ++failures switch
            {
                1 => throw new TimeoutException(),
                2 => throw new Orleans.Runtime.OrleansException("moving"),
                _ => new StepPage(RollbookCode.Unavailable, from, default, false),
            };
        };
        using var reader = await EventReader.OpenAsync(server, Path);
        Assert.Equal(["step 0", "step 1", "step 2", "step 3"], await reader.TakeAsync(4));
        Assert.Equal(3, failures);
        Assert.Equal(3, reader.Comments);
    }

    [Fact]
    public async Task Watch_WhenNothingHappens_SendsAComment()
    {
        var time = new FakeTimeProvider();
        await using var server = await EdgeServer.StartAsync(services => services.AddSingleton<TimeProvider>(time));
        // Each poll takes 5 s and finds nothing, six times: a comment comes with every third.
        var polls = 0;
        server.Episode.OnRead = from =>
        {
            if (++polls > 6) return null;
            time.Advance(TimeSpan.FromSeconds(5));
            return new StepPage(RollbookCode.Ok, from, new EncodedSteps(0, default), false);
        };
        using var reader = await EventReader.OpenAsync(server, Path);
        var next = reader.TakeAsync(1);
        await reader.CommentsAsync(2);
        Assert.Equal(2, reader.Comments);
        server.Episode.Add(Encoded.Of("{\"action_type\":\"a\"}"));
        Assert.Equal(["step 0"], await next);
    }

    [Fact]
    public async Task Watch_WhenResumedAfterItsEnd_GoesOn()
    {
        await using var server = await EdgeServer.StartAsync();
        server.Episode.OnRead = from =>
        {
            server.Episode.OnRead = null;
            return new StepPage(RollbookCode.Ok, from, new EncodedSteps(0, default), true);
        };
        using var reader = await EventReader.OpenAsync(server, Path);
        server.Episode.Add(Encoded.Of("{\"action_type\":\"a\"}"));
        Assert.Equal(["step 0"], await reader.TakeAsync(1));
    }

    [Fact]
    public async Task Watch_WhenResumedAndEndedAgainMeanwhile_SendsTheLastStepsBeforeTheEnd()
    {
        await using var server = await EdgeServer.StartAsync();
        server.Episode.Add(Encoded.Of("[{\"action_type\":\"a\"},{\"action_type\":\"b\"}]"));
        server.Episode.Record = server.Episode.Record with { Status = EpisodeStatus.Lost };
        server.Episode.OnRead = from =>
        {
            if (from < 2) return null;
            server.Episode.OnRead = null;
            // Resumed, written and ended between the page that tells of the end and the read of the record.
            server.Episode.Add(Encoded.Of("[{\"action_type\":\"c\"},{\"action_type\":\"d\"},{\"action_type\":\"e\"}]"));
            server.Episode.Record = server.Episode.Record with { Status = EpisodeStatus.Completed };
            return new StepPage(RollbookCode.Ok, from, new EncodedSteps(0, default), true);
        };
        using var reader = await EventReader.OpenAsync(server, Path + "?from=2");

        Assert.Equal(["step 2", "step 3", "step 4", "end ", null], await reader.TakeAsync(5));
        Assert.Contains("\"step_count\":5", reader.LastData, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Watch_NoSuchEpisode_IsNotFound()
    {
        await using var server = await EdgeServer.StartAsync();
        server.Episode.ReadCode = RollbookCode.EpisodeNotFound;
        Assert.Equal(404, (await server.GetAsync(Path)).Status);
        Assert.Equal(404, (await server.GetAsync($"{Path}?from=7")).Status);
    }

    [Theory]
    [InlineData("x")]
    [InlineData("-1")]
    [InlineData("9223372036854775807")]
    public async Task Watch_BadLastEventId_IsRefused(string id)
    {
        await using var server = await EdgeServer.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, Path);
        request.Headers.Add("Last-Event-ID", id);
        using var response = await server.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Fact]
    public async Task Stop_WithFiftyStreams_EndsThem()
    {
        await using var server = await EdgeServer.StartAsync();
        var readers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => EventReader.OpenAsync(server, Path)));
        var ends = readers.Select(reader => reader.TakeAsync(1)).ToArray();
        await server.StopAsync();
        foreach (var end in ends) Assert.Equal([null], await end);
        foreach (var reader in readers) reader.Dispose();
    }
}
