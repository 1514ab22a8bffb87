using Azure.Core;
using Azure.Core.Pipeline;
using Request = Azure.Core.Request;

namespace Rollbook.Azure;

/// <summary>
/// Sends again only what may be done twice: reads, the making of a table, and writes without a condition. The client's own policy repeats conditional writes too, and
/// then takes its own first success for another's.
/// </summary>
internal sealed class TableRetries() : RetryPolicy(MaxRetries, DelayStrategy.CreateExponentialDelayStrategy(FirstDelay, LongestDelay))
{
    private const int MaxRetries = 4;
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(3);

    /// <inheritdoc/>
    protected override bool ShouldRetry(HttpMessage message, Exception? exception) => MayRepeat(message.Request) && base.ShouldRetry(message, exception);

    /// <inheritdoc/>
    protected override ValueTask<bool> ShouldRetryAsync(HttpMessage message, Exception? exception) =>
        MayRepeat(message.Request) ? base.ShouldRetryAsync(message, exception) : ValueTask.FromResult(false);

    private static bool MayRepeat(Request request) =>
        request.Method == RequestMethod.Get
        || request.Uri.Path.EndsWith("/Tables", StringComparison.Ordinal)
        || (request.Headers.TryGetValue("If-Match", out var condition) && condition == "*");
}
