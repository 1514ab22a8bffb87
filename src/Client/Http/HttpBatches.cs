using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Rollbook.Client;

/// <summary>Sends batches until every item's outcome is known: what is unknown is sent again, without what is known.</summary>
internal sealed class HttpBatches(HttpTries tries, RollbookHttpOptions options)
{
    private static readonly MediaTypeHeaderValue NdJson = new("application/x-ndjson");

    /// <summary>The outcomes as they come, in any order; unknown ones at last, when the window of <see cref="RollbookHttpOptions.GiveUpAfter"/> is over.</summary>
    public async IAsyncEnumerable<T> SendAsync<T>(HttpBatch<T> batch, [EnumeratorCancellation] CancellationToken cancellationToken)
        where T : class
    {
        var unknown = new SortedDictionary<int, T?>();
        for (var i = 0; i < batch.Items.Count; i++)
            unknown.Add(i, null);
        var backoff = tries.NewBackoff();
        while (unknown.Count > 0)
        {
            var sent = unknown.Keys.ToArray();
            using var response = await PostAsync(batch.Path, Join(batch.Items, sent), cancellationToken).ConfigureAwait(false);
            var stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            var lines = new LineReader(new WatchedStream(stream, options.StreamSilence, options.TimeProvider));
            while (await ReadAsync(lines, cancellationToken).ConfigureAwait(false) is { } line)
            {
                var outcome = Parse(line, batch);
                var item = batch.IndexOf(outcome, sent);
                if (!unknown.ContainsKey(item))
                    continue;

                outcome = batch.Place(outcome, item, sent);
                if (batch.IsUnknown(outcome))
                {
                    unknown[item] = outcome;
                    continue;
                }

                unknown.Remove(item);
                backoff.Reset();
                yield return outcome;
            }

            if (unknown.Count > 0 && !await backoff.PauseAsync(null, cancellationToken).ConfigureAwait(false))
                break;
        }

        foreach (var (item, outcome) in unknown)
            yield return outcome ?? batch.Unnamed(item);
    }

    /// <summary>The next line; null at the end, however the stream ended: who was not named has an unknown outcome either way.</summary>
    private static async ValueTask<byte[]?> ReadAsync(LineReader lines, CancellationToken cancellationToken)
    {
        try
        {
            return await lines.ReadAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (HttpTries.IsBroken(e, cancellationToken))
        {
            return null;
        }
    }

    private static T Parse<T>(byte[] line, HttpBatch<T> batch)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(line, batch.Type) ?? throw new JsonException("null where an object was promised.");
        }
        catch (JsonException e)
        {
            throw new RollbookException("bad_reply", $"A line of the answer is not what the API promises: {e.Message}", retry: false, e);
        }
    }

    private static byte[] Join(IReadOnlyList<ReadOnlyMemory<byte>> items, int[] sent)
    {
        var body = new byte[sent.Sum(item => items[item].Length)];
        var at = 0;
        foreach (var item in sent)
        {
            items[item].CopyTo(body.AsMemory(at));
            at += items[item].Length;
        }

        return body;
    }

    private Task<HttpResponseMessage> PostAsync(string path, byte[] body, CancellationToken cancellationToken) => tries.SendAsync(
        () =>
        {
            var content = new ByteArrayContent(body);
            content.Headers.ContentType = NdJson;
            return new HttpRequestMessage(HttpMethod.Post, path) { Content = content };
        },
        static (response, _) => Task.FromResult(response),
        keepOpen: true,
        cancellationToken);
}
