using System.Buffers;
using Rollbook.Client;

namespace Rollbook.Cli;

/// <summary>Streams an episode from the recorder into a format: an episode of any length, a step in memory.</summary>
internal static class EpisodeExport
{
    public static async Task<long> WriteAsync(
        RollbookHttpClient client, EpisodeInfo episode, IEpisodeFormat format, Stream stream, CancellationToken cancellationToken)
    {
        using var record = new RawObject(await client.GetEpisodeJsonAsync(episode.EpisodeId, steps: false, cancellationToken));
        // The steps that the record counts: a running episode grows while it is read.
        var count = (long)(record.Number("next_ordinal") ?? episode.NextOrdinal);
        var buffer = new ArrayBufferWriter<byte>();
        format.Begin(buffer, record);
        long steps = 0;
        await foreach (var line in client.ReadStepsAsync(episode.EpisodeId, 0, count, cancellationToken))
        {
            format.Step(buffer, line.Json, first: steps++ == 0);
            await FlushAsync();
        }

        if (steps != count)
            throw new CliException(ExitCode.Failed, "steps_missing", $"The recorder served {steps} of {count} steps. Try again; if it stays so, run 'rollbook verify' on its data directory.");
        format.End(buffer, record);
        await FlushAsync();
        return steps;

        async ValueTask FlushAsync()
        {
            await stream.WriteAsync(buffer.WrittenMemory, cancellationToken);
            buffer.ResetWrittenCount();
        }
    }
}
