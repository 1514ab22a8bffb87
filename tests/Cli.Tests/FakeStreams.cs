using System.Text;
using Microsoft.AspNetCore.Http;

namespace Rollbook.Cli.Tests;

/// <summary>The answers of a fake recorder that go piece by piece, each of which a fault may cut.</summary>
internal sealed class FakeStreams(FakeRecorder recorder)
{
    public async Task StepsAsync(HttpContext context, string id, Fault? fault)
    {
        var episode = recorder.Episodes[id];
        var from = int.Parse(context.Request.Query["from"]!);
        var limit = int.TryParse(context.Request.Query["limit"], out var given) ? given : int.MaxValue;
        var served = 0;
        for (var i = from; i < episode.Steps.Count - recorder.HiddenSteps && served < limit; i++, served++)
        {
            if (served == fault?.CutAfter)
            {
                await context.Response.WriteAsync(episode.Line(i)[..9]);
                return;
            }

            await context.Response.WriteAsync(episode.Line(i) + "\n");
        }
    }

    public async Task ExportAsync(HttpContext context, Fault? fault)
    {
        var text = Encoding.UTF8.GetBytes(recorder.Exports[context.Request.Query["episode_id"]!]);
        await context.Response.Body.WriteAsync(text.AsMemory(0, fault?.CutAfter ?? text.Length));
        if (fault is null)
            return;
        await context.Response.Body.FlushAsync();
        context.Abort();
    }

    public async Task LiveAsync(HttpContext context, string id, Fault? fault)
    {
        var episode = recorder.Episodes[id];
        string? last = context.Request.Headers["Last-Event-ID"];
        recorder.LastEventIds.Add(last);
        var from = last is null ? int.Parse(context.Request.Query["from"]!) : int.Parse(last) + 1;
        context.Response.ContentType = "text/event-stream";
        await context.Response.WriteAsync(": hello\n\n");
        for (var i = from; i < episode.Steps.Count; i++)
        {
            if (i - from == fault?.CutAfter)
            {
                await context.Response.WriteAsync($"event: step\nid: {i}\ndata: {{");
                return;
            }

            await context.Response.WriteAsync($"event: step\nid: {i}\ndata: {episode.Line(i)}\n\n");
        }

        await context.Response.WriteAsync($"event: end\ndata: {episode.Record()}\n\n");
    }
}
