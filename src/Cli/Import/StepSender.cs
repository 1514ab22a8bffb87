using Rollbook.Client;

namespace Rollbook.Cli;

/// <summary>Sends steps in batches that keep memory and repeats small.</summary>
internal static class StepSender
{
    private const int BatchBytes = 4 << 20;
    private const int BatchSteps = 256;

    /// <summary>Appends the steps, each with its line end, from an ordinal on; under the writer's epoch where there is one.</summary>
    /// <returns>The ordinal behind the last.</returns>
    public static async Task<long> SendAsync(
        RollbookHttpClient client, string episodeId, long from, IAsyncEnumerable<ReadOnlyMemory<byte>> steps, Action<int> sent,
        CancellationToken cancellationToken, long? writerEpoch = null)
    {
        var batch = new List<ReadOnlyMemory<byte>>();
        var bytes = 0;
        await foreach (var step in steps.WithCancellation(cancellationToken))
        {
            if (batch.Count == BatchSteps || (batch.Count > 0 && bytes + step.Length > BatchBytes))
                await FlushAsync();
            batch.Add(step);
            bytes += step.Length;
        }

        if (batch.Count > 0)
            await FlushAsync();
        return from;

        async Task FlushAsync()
        {
            var body = new byte[bytes];
            var at = 0;
            foreach (var step in batch)
            {
                step.CopyTo(body.AsMemory(at));
                at += step.Length;
            }

            await client.AppendAsync(episodeId, from, body, writerEpoch, cancellationToken);
            from += batch.Count;
            sent(batch.Count);
            batch.Clear();
            bytes = 0;
        }
    }
}
