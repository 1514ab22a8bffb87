using System.Buffers;
using System.Buffers.Text;
using System.IO.Pipelines;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using Rollbook.Episodes;

namespace Rollbook.Silo.Http;

/// <summary>
/// Server-sent events of one episode, by long polls of its owner. While the owner moves or can't be asked, the stream stays
/// open and goes on behind the last step that it sent.
/// </summary>
/// <param name="grain">The episode's owner.</param>
/// <param name="from">The first ordinal to send.</param>
/// <param name="stopping">Ends the stream: the process is going.</param>
/// <param name="time">For the pauses between tries.</param>
internal sealed class LiveReply(IEpisodeGrain grain, long from, CancellationToken stopping, TimeProvider time) : IResult
{
    private const int PageSteps = 500;

    // Proxies cut silent connections, many after 30 s; the contract says 15.
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(15);

    // A silo that stops waits for its grains' calls: polls are short, so that a stop is.
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    private long next = from;
    private long lastWrite = time.GetTimestamp();

    /// <inheritdoc/>
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(httpContext.RequestAborted, stopping);
        // Whether there is such an episode is told by the status, before the stream opens.
        var view = await grain.Read();
        if (view.Record is null) throw StepPages.Refusal(view.Code, view.Damage);
        var response = httpContext.Response;
        response.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-cache, no-transform";
        response.Headers["X-Accel-Buffering"] = "no";
        httpContext.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        await using var writer = new Utf8JsonWriter(response.BodyWriter, JsonReply.WriterOptions);
        try
        {
            await WriteTextAsync(response.BodyWriter, "retry: 1000\n\n"u8.ToArray(), ending.Token);
            await StreamAsync(response.BodyWriter, writer, ending.Token);
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // The reader has gone, or resumes elsewhere by its last event id.
        }
    }

    private async Task StreamAsync(PipeWriter output, Utf8JsonWriter writer, CancellationToken cancellation)
    {
        var pause = FirstPause;
        while (true)
        {
            if (await TryReadAsync(cancellation) is not { } page)
            {
                await WriteTextAsync(output, ": the episode's owner is moving\n\n"u8.ToArray(), cancellation);
                await Task.Delay(pause, time, cancellation);
                pause = TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, LongestPause.Ticks));
                continue;
            }

            pause = FirstPause;
            if (page.Steps.Count > 0)
            {
                WriteSteps(output, writer, page);
                await output.FlushAsync(cancellation);
                lastWrite = time.GetTimestamp();
            }
            else if (!page.Ended && time.GetElapsedTime(lastWrite) >= Silence)
            {
                await WriteTextAsync(output, ": still here\n\n"u8.ToArray(), cancellation);
            }

            if (page.Code is RollbookCode.Damaged or RollbookCode.EpisodeDeleted) throw StepPages.Refusal(page.Code, page.Damage);
            if (!page.Ended) continue;
            if (await TryEndAsync(output, writer, cancellation)) return;
            // It runs again, or can't be read whole: the owner doesn't wait for a next step before it knows that too.
            if (page.Steps.Count == 0) await Task.Delay(FirstPause, time, cancellation);
        }
    }

    private async ValueTask<StepPage?> TryReadAsync(CancellationToken cancellation)
    {
        try
        {
            var page = await grain.ReadSteps(next, PageSteps, Poll).AsTask().WaitAsync(cancellation);
            return page.Code is RollbookCode.Ok or RollbookCode.Damaged or RollbookCode.EpisodeDeleted ? page : null;
        }
        catch (Exception error) when (error is Orleans.Runtime.OrleansException or TimeoutException)
        {
            return null;
        }
    }

    private async ValueTask<bool> TryEndAsync(PipeWriter output, Utf8JsonWriter writer, CancellationToken cancellation)
    {
        EpisodeView view;
        try
        {
            view = await grain.Read().AsTask().WaitAsync(cancellation);
        }
        catch (Exception error) when (error is Orleans.Runtime.OrleansException or TimeoutException)
        {
            return false;
        }

        // A lost episode may have been resumed since the page was read, and have ended again: its last steps come before its ending.
        if (view.Record is not { } record || record.Status == EpisodeStatus.Running || record.StepCount > next) return false;
        await using var scores = new ScorePages(EpisodeReads.Through(grain), record.ScoreCount);
        try
        {
            await scores.BeginAsync(cancellation);
        }
        catch (Exception error) when (error is Orleans.Runtime.OrleansException or TimeoutException or RefusedException { Kind.Retry: true })
        {
            return false;
        }

        output.Write("event: end\ndata: "u8);
        writer.Reset();
        writer.WriteStartObject();
        await scores.WriteRecordAsync(writer, output, record, view.WriterEpoch, cancellation);
        writer.WriteEndObject();
        writer.Flush();
        output.Write("\n\n"u8);
        await output.FlushAsync(cancellation);
        return true;
    }

    private void WriteSteps(PipeWriter output, Utf8JsonWriter writer, StepPage page)
    {
        Span<byte> digits = stackalloc byte[20];
        for (var rest = page.Steps.Bytes.Span; !rest.IsEmpty;)
        {
            var entry = StepEntry.Read(rest);
            Utf8Formatter.TryFormat(next, digits, out var length);
            output.Write("event: step\nid: "u8);
            output.Write(digits[..length]);
            output.Write("\ndata: "u8);
            writer.Reset();
            StepLineWriter.WriteLine(writer, entry, next);
            writer.Flush();
            output.Write("\n\n"u8);
            next++;
            rest = rest[entry.Length..];
        }
    }

    private async ValueTask WriteTextAsync(PipeWriter output, byte[] text, CancellationToken cancellation)
    {
        await output.WriteAsync(text, cancellation);
        lastWrite = time.GetTimestamp();
    }
}
