using System.Globalization;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;

namespace Rollbook.Client;

/// <summary>The two streamed reads. Both know the next ordinal, and so go on where a broken connection left off.</summary>
internal sealed class HttpStreams(HttpTries tries, RollbookHttpOptions options)
{
    private const int MostRepeats = 5;

    public async IAsyncEnumerable<StepLine> ReadStepsAsync(
        string path, long from, long? limit, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var next = from;
        var end = limit is null ? long.MaxValue : checked(from + limit.Value);
        var backoff = tries.NewBackoff();
        while (next < end)
        {
            using var response = await OpenAsync(
                path + $"?from={next}" + (limit is null ? "" : $"&limit={end - next}"), lastEventId: null, cancellationToken).ConfigureAwait(false);
            var stream = await WatchAsync(response, cancellationToken).ConfigureAwait(false);
            var lines = new LineReader(stream);
            Exception? broken = null;
            while (broken is null)
            {
                byte[]? line = null;
                try
                {
                    line = await lines.ReadAsync(cancellationToken).ConfigureAwait(false);
                }
                catch (Exception e) when (HttpTries.IsBroken(e, cancellationToken))
                {
                    broken = e;
                    continue;
                }

                if (line is null)
                    yield break;

                yield return new StepLine(next++, line);
                backoff.Reset();
            }

            if (!await backoff.PauseAsync(null, cancellationToken).ConfigureAwait(false))
                throw tries.NoAnswer(broken);
        }
    }

    public async IAsyncEnumerable<LiveEvent> WatchAsync(
        string path, long from, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var next = from;
        var backoff = tries.NewBackoff();
        while (true)
        {
            // Last-Event-ID names the last step seen, so nothing but `from` can say "from the beginning".
            using var response = await OpenAsync(
                next == from ? $"{path}?from={from}" : path, next == from ? null : next - 1, cancellationToken).ConfigureAwait(false);
            var opened = options.TimeProvider.GetTimestamp();
            var stream = await WatchAsync(response, cancellationToken).ConfigureAwait(false);
            var parser = SseParser.Create(stream, static (_, data) => data.ToArray());
            await using var events = parser.EnumerateAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
            Exception broken = new IOException("The live stream closed before the episode ended.");
            while (true)
            {
                try
                {
                    if (!await events.MoveNextAsync().ConfigureAwait(false))
                        break;
                }
                catch (Exception e) when (HttpTries.IsBroken(e, cancellationToken))
                {
                    broken = e;
                    break;
                }

                var item = events.Current;
                if (item.EventType == "end")
                {
                    yield return new LiveEvent(true, -1, item.Data);
                    yield break;
                }

                if (item.EventType != "step")
                    continue;

                var ordinal = Ordinal(item.EventId);
                if (ordinal < next)
                    continue;
                if (ordinal > next)
                    throw new RollbookException("bad_reply", $"The live stream jumped from step {next} to {ordinal}.", retry: true);

                next++;
                yield return new LiveEvent(false, ordinal, item.Data);
                backoff.Reset();
            }

            // An episode may think for hours: a stream that held that long was no failure.
            if (options.TimeProvider.GetElapsedTime(opened) > options.StreamSilence)
                backoff.Reset();
            if (!await backoff.PauseAsync(null, cancellationToken).ConfigureAwait(false))
                throw tries.NoAnswer(broken);
        }
    }

    /// <summary>Copies an answer into a stream. One that breaks is asked for again, from its start, where the destination can be set back.</summary>
    public async Task CopyAsync(string path, Stream destination, Action<long> received, CancellationToken cancellationToken)
    {
        var start = destination.CanSeek ? destination.Position : 0;
        var backoff = tries.NewBackoff();
        var buffer = new byte[64 * 1024];
        for (var again = 0; ; again++)
        {
            using var response = await OpenAsync(path, lastEventId: null, cancellationToken).ConfigureAwait(false);
            var stream = await WatchAsync(response, cancellationToken).ConfigureAwait(false);
            long copied = 0;
            Exception? broken = null;
            while (broken is null)
            {
                int read;
                try
                {
                    read = await stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
                }
                catch (Exception e) when (HttpTries.IsBroken(e, cancellationToken))
                {
                    broken = e;
                    continue;
                }

                if (read == 0)
                    return;
                // Outside of the try: a full disk is no lost connection.
                await destination.WriteAsync(buffer.AsMemory(0, read), cancellationToken).ConfigureAwait(false);
                copied += read;
                received(copied);
            }

            // A long answer outlives the window of a call; one that never comes to its end is given up all the same.
            if (copied > 0 && again < MostRepeats)
                backoff.Reset();
            if (!destination.CanSeek || !await backoff.PauseAsync(null, cancellationToken).ConfigureAwait(false) || again >= MostRepeats)
                throw tries.NoAnswer(broken);
            destination.SetLength(start);
            destination.Position = start;
            received(0);
        }
    }

    private Task<HttpResponseMessage> OpenAsync(string path, long? lastEventId, CancellationToken cancellationToken) =>
        tries.SendAsync(
            () =>
            {
                var message = new HttpRequestMessage(HttpMethod.Get, path);
                if (lastEventId is not null)
                    message.Headers.Add("Last-Event-ID", lastEventId.Value.ToString(CultureInfo.InvariantCulture));
                return message;
            },
            static (response, _) => Task.FromResult(response),
            keepOpen: true,
            cancellationToken);

    private async Task<Stream> WatchAsync(HttpResponseMessage response, CancellationToken cancellationToken) => new WatchedStream(
        await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false), options.StreamSilence, options.TimeProvider);

    private static long Ordinal(string? eventId) =>
        long.TryParse(eventId, NumberStyles.None, CultureInfo.InvariantCulture, out var ordinal)
            ? ordinal
            : throw new RollbookException("bad_reply", "A step of the live stream came without its ordinal.", retry: false);
}
