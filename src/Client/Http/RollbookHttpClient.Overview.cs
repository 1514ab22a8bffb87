using System.Text.Json;

namespace Rollbook.Client;

// What is asked of the whole recorder: workers, lists, statistics, statements, deletions, and how it is.
public sealed partial class RollbookHttpClient
{
    /// <summary>Reads a worker: its current episode and its last ten.</summary>
    public Task<WorkerInfo> GetWorkerAsync(string worker, CancellationToken cancellationToken = default) =>
        GetAsync($"v1/workers/{Part(worker)}", HttpJson.Default.WorkerInfo, cancellationToken);

    /// <summary>Reads a worker in one of the four shapes, as the JSON that the recorder sent.</summary>
    public Task<byte[]> GetWorkerJsonAsync(string worker, WorkerView view, CancellationToken cancellationToken = default)
    {
        var name = view switch
        {
            WorkerView.Trajectory => "trajectory",
            WorkerView.ReplayActions => "replay-actions",
            WorkerView.Timeline => "timeline",
            WorkerView.History => "history",
            _ => throw new ArgumentOutOfRangeException(nameof(view)),
        };
        return GetBytesAsync($"v1/workers/{Part(worker)}/{name}", cancellationToken);
    }

    /// <summary>Reads a page of episodes, as the JSON that the recorder sent.</summary>
    /// <param name="parameters">Filters, order, limit and cursor, by the API's names; a name may come several times.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<byte[]> ListEpisodesJsonAsync(IEnumerable<KeyValuePair<string, string>> parameters, CancellationToken cancellationToken = default) =>
        GetBytesAsync("v1/episodes" + Query(parameters), cancellationToken);

    /// <summary>Reads a page of workers, as the JSON that the recorder sent.</summary>
    /// <param name="parameters">Filters, order, limit and cursor, by the API's names.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<byte[]> ListWorkersJsonAsync(IEnumerable<KeyValuePair<string, string>> parameters, CancellationToken cancellationToken = default) =>
        GetBytesAsync("v1/workers" + Query(parameters), cancellationToken);

    /// <summary>Reads statistics, as the JSON that the recorder sent.</summary>
    /// <param name="parameters">Filters, <c>group_by</c>, <c>k</c>, <c>threshold</c>, <c>over</c>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<byte[]> GetStatsJsonAsync(IEnumerable<KeyValuePair<string, string>> parameters, CancellationToken cancellationToken = default) =>
        GetBytesAsync("v1/stats" + Query(parameters), cancellationToken);

    /// <summary>Deletes episodes, or asks what would be deleted, and gives the JSON that the recorder sent.</summary>
    /// <param name="body">The API's body: <c>episode_ids</c> or filters, <c>dry_run</c>, <c>abort_running</c>.</param>
    /// <param name="cancellationToken">Ends the wait; the deletion may go on.</param>
    public Task<byte[]> DeleteJsonAsync(ReadOnlyMemory<byte> body, CancellationToken cancellationToken = default) =>
        _tries.SendAsync(
            () =>
            {
                var message = new HttpRequestMessage(HttpMethod.Post, "v1/delete") { Content = new ReadOnlyMemoryContent(body) };
                message.Content.Headers.ContentType = Json;
                return message;
            },
            (response, token) => response.Content.ReadAsByteArrayAsync(token), keepOpen: false, cancellationToken);

    /// <summary>Reads a deletion's receipt, as the JSON that the recorder sent.</summary>
    public Task<byte[]> GetDeletionJsonAsync(string receiptId, CancellationToken cancellationToken = default) =>
        GetBytesAsync($"v1/deletions/{Part(receiptId)}", cancellationToken);

    /// <summary>Runs a SQL statement over the views <c>episodes</c>, <c>steps</c> and <c>scores</c>.</summary>
    /// <param name="sql">One statement that reads.</param>
    /// <param name="accept"><c>application/json</c>, <c>application/x-ndjson</c> or <c>text/csv</c>.</param>
    /// <param name="fresh">Archive what the recorder holds first.</param>
    /// <param name="maxRows">The most rows; null = the recorder's limit.</param>
    /// <param name="cancellationToken">Ends the statement.</param>
    /// <returns>The answer, which comes while it is read. The caller disposes it.</returns>
    public Task<HttpResponseMessage> QueryAsync(
        string sql, string accept, bool fresh = false, int? maxRows = null, CancellationToken cancellationToken = default)
    {
        var body = HttpBodies.Write(json =>
        {
            json.WriteString("sql", sql);
            HttpBodies.Optional(json, "max_rows", maxRows);
        });
        return _tries.SendAsync(
            () =>
            {
                var message = new HttpRequestMessage(HttpMethod.Post, fresh ? "v1/query?fresh=true" : "v1/query") { Content = new ReadOnlyMemoryContent(body) };
                message.Content.Headers.ContentType = Json;
                message.Headers.Accept.ParseAdd(accept);
                return message;
            },
            static (response, _) => Task.FromResult(response), keepOpen: true, cancellationToken);
    }

    /// <summary>Waits until the recorder takes writes; throws when it doesn't within <see cref="RollbookHttpOptions.GiveUpAfter"/>.</summary>
    public Task WaitUntilReadyAsync(CancellationToken cancellationToken = default) => GetBytesAsync("health/ready", cancellationToken);

    /// <summary>Looks at the recorder once, without trying again; throws <see cref="RollbookException.Unreachable"/> when nothing answers.</summary>
    public async Task<RecorderHealth> GetHealthAsync(CancellationToken cancellationToken = default)
    {
        using var timeout = new CancellationTokenSource(_options.RequestTimeout, _options.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            using var response = await _http.GetAsync("health/ready", either.Token).ConfigureAwait(false);
            return new RecorderHealth((int)response.StatusCode, response.Headers.Date);
        }
        catch (Exception e) when (HttpTries.IsBroken(e, cancellationToken))
        {
            throw _tries.NoAnswer(e);
        }
    }

    /// <summary>Reads what a silo says of itself: its versions, and what is wrong with its log, archive, storage, clocks and configuration, as the JSON that it sent.</summary>
    public Task<byte[]> GetDoctorJsonAsync(CancellationToken cancellationToken = default) => GetBytesAsync("v1/doctor", cancellationToken);

    /// <summary>Reads the OpenAPI document of the recorder, as the JSON that it sent.</summary>
    public Task<byte[]> GetOpenApiJsonAsync(CancellationToken cancellationToken = default) => GetBytesAsync("openapi/v1.json", cancellationToken);
}
