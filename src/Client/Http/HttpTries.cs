using System.Net;
using System.Security.Cryptography;
using System.Text.Json;

namespace Rollbook.Client;

/// <summary>Sends a request until its outcome is known, or the window of <see cref="RollbookHttpOptions.GiveUpAfter"/> is over.</summary>
internal sealed class HttpTries(HttpClient http, RollbookHttpOptions options)
{
    private readonly Random _random = new(options.JitterSeed ?? RandomNumberGenerator.GetInt32(int.MaxValue));
    private readonly Lock _randomLock = new();

    public Backoff NewBackoff() => new(options, NextJitter);

    /// <summary>Sends what <paramref name="request"/> makes, anew for each try, and reads the answer with <paramref name="read"/>.</summary>
    /// <param name="request">Makes the same request each time.</param>
    /// <param name="read">Reads a successful answer; a connection that breaks here counts as no answer.</param>
    /// <param name="keepOpen">The answer is read after this call: the time-out ends with the headers, and the caller disposes it.</param>
    /// <param name="cancellationToken">Cancels the call; the outcome is then unknown.</param>
    public async Task<T> SendAsync<T>(
        Func<HttpRequestMessage> request, Func<HttpResponseMessage, CancellationToken, Task<T>> read, bool keepOpen,
        CancellationToken cancellationToken)
    {
        var backoff = NewBackoff();
        while (true)
        {
            RollbookException failure;
            try
            {
                return await TryAsync(request, read, keepOpen, cancellationToken).ConfigureAwait(false);
            }
            catch (RollbookException e) when (IsUnknown(e))
            {
                failure = e;
            }
            catch (Exception e) when (IsBroken(e, cancellationToken))
            {
                failure = NoAnswer(e);
            }

            if (!await backoff.PauseAsync(failure.RetryAfter, cancellationToken).ConfigureAwait(false))
                throw failure;
        }
    }

    /// <summary>True where the connection, not the recorder, ended a read.</summary>
    public static bool IsBroken(Exception e, CancellationToken cancellationToken) =>
        e is HttpRequestException or IOException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested);

    public RollbookException NoAnswer(Exception cause) => new(
        RollbookException.Unreachable,
        $"No answer from {options.BaseAddress}: {(cause is OperationCanceledException ? $"nothing within {options.RequestTimeout.TotalSeconds:0.#} s" : cause.Message)}. "
        + "Check the address and that the recorder runs, then send the same again.",
        retry: true, cause);

    private async Task<T> TryAsync<T>(
        Func<HttpRequestMessage> request, Func<HttpResponseMessage, CancellationToken, Task<T>> read, bool keepOpen,
        CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(options.RequestTimeout, options.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        using var message = request();
        var response = await http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, either.Token).ConfigureAwait(false);
        try
        {
            if (!response.IsSuccessStatusCode)
                throw await ReadProblemAsync(response, either.Token).ConfigureAwait(false);

            var result = await read(response, either.Token).ConfigureAwait(false);
            if (keepOpen)
                response = null;
            return result;
        }
        catch (JsonException e)
        {
            throw new RollbookException("bad_reply", $"The answer of {options.BaseAddress} is not what the API promises: {e.Message} Is this address a recorder?", retry: false, e);
        }
        finally
        {
            response?.Dispose();
        }
    }

    // worker_busy is the caller's decision (wait or take over), not an unknown outcome.
    private static bool IsUnknown(RollbookException e) => e is { Retry: true, Code: not "worker_busy" };

    private double NextJitter()
    {
        lock (_randomLock)
            return _random.NextDouble();
    }

    private async Task<RollbookException> ReadProblemAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var status = (int)response.StatusCode;
        HttpProblem? problem = null;
        try
        {
            var body = await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
            problem = JsonSerializer.Deserialize(body, HttpJson.Default.HttpProblem);
        }
        catch (JsonException)
        {
            // A proxy's page: the status alone has to say it.
        }

        var unknown = status >= 500 || response.StatusCode is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests;
        return new RollbookException(
            problem?.Code ?? (unknown ? "unavailable" : $"http_{status}"),
            problem?.Detail ?? problem?.Title ?? $"{options.BaseAddress} answered {status} {response.ReasonPhrase}.",
            problem?.Retry ?? unknown)
        {
            Status = status,
            Expected = problem?.Expected,
            Pointer = problem?.Pointer,
            Line = problem?.Line,
            Column = problem?.Column,
            RetryAfter = RetryAfter(response),
        };
    }

    private TimeSpan? RetryAfter(HttpResponseMessage response) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } => date - options.TimeProvider.GetUtcNow(),
        _ => null,
    };
}
