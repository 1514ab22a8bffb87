using System.IO.Pipelines;

namespace Rollbook.Export;

/// <summary>Writes an episode page by page, so that one of 350,000 steps costs no more memory than one of ten.</summary>
internal sealed class EpisodeExport : IAsyncDisposable
{
    private readonly EpisodeContent episode;
    private readonly IAsyncEnumerator<IReadOnlyList<ScoreEvent>> scores;
    private readonly bool anyScores;
    private IAsyncEnumerator<StepPage> steps;
    private bool anySteps;

    private EpisodeExport(EpisodeContent episode, IAsyncEnumerator<IReadOnlyList<ScoreEvent>> scores, bool anyScores, IAsyncEnumerator<StepPage> steps, bool anySteps)
    {
        this.episode = episode;
        this.scores = scores;
        this.anyScores = anyScores;
        this.steps = steps;
        this.anySteps = anySteps;
    }

    /// <summary>The episode's record.</summary>
    public EpisodeRecord Record => episode.Record;

    /// <summary>Reads the first pages, so that what can't be read is known before the first byte is written.</summary>
    /// <exception cref="Exception">Whatever the pages throw.</exception>
    public static async ValueTask<EpisodeExport> OpenAsync(EpisodeContent episode, CancellationToken cancellation)
    {
        var scores = episode.Scores().GetAsyncEnumerator(cancellation);
        var steps = episode.Steps().GetAsyncEnumerator(cancellation);
        try
        {
            return new EpisodeExport(episode, scores, await scores.MoveNextAsync(), steps, await steps.MoveNextAsync());
        }
        catch
        {
            await scores.DisposeAsync();
            await steps.DisposeAsync();
            throw;
        }
    }

    /// <summary>Writes the episode, once, and flushes the output after each page.</summary>
    /// <exception cref="Exception">Whatever the pages throw; what was written is then a beginning.</exception>
    public async ValueTask WriteAsync(ExportForm form, PipeWriter output, CancellationToken cancellation)
    {
        using var writer = form.Open(output);
        writer.Begin(episode.Record, episode.Summary);
        for (var more = anyScores; more; more = await scores.MoveNextAsync())
        {
            foreach (var score in scores.Current) writer.Score(score);
            await FlushAsync(writer, output, cancellation);
        }

        for (var pass = 0; pass < writer.Passes; pass++)
        {
            if (pass > 0) await ReadAgainAsync(cancellation);
            writer.BeginSteps(pass);
            for (var more = anySteps; more; more = await steps.MoveNextAsync())
            {
                WritePage(writer, steps.Current, pass);
                await FlushAsync(writer, output, cancellation);
            }

            writer.EndSteps(pass);
        }

        writer.End();
        await FlushAsync(writer, output, cancellation);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await scores.DisposeAsync();
        await steps.DisposeAsync();
    }

    private async ValueTask ReadAgainAsync(CancellationToken cancellation)
    {
        await steps.DisposeAsync();
        steps = episode.Steps().GetAsyncEnumerator(cancellation);
        anySteps = await steps.MoveNextAsync();
    }

    private static void WritePage(EpisodeWriter writer, StepPage page, int pass)
    {
        var ordinal = page.From;
        for (var rest = page.Steps.Bytes.Span; !rest.IsEmpty;)
        {
            var entry = StepEntry.Read(rest);
            writer.Step(entry, ordinal++, pass);
            rest = rest[entry.Length..];
        }
    }

    private static async ValueTask FlushAsync(EpisodeWriter writer, PipeWriter output, CancellationToken cancellation)
    {
        writer.Flush();
        await output.FlushAsync(cancellation);
        cancellation.ThrowIfCancellationRequested();
    }
}
