using System.Text.Json;
using Rollbook.Episodes;

namespace Rollbook.Silo.Http;

/// <summary>An episode's steps, page by page, so that a long one costs no more memory than a short one.</summary>
internal static class StepPages
{
    // The owner ends a page at about 1 MiB; small steps are bounded by their number instead.
    private const int PageSteps = 1_000;

    /// <summary>Writes one recorded step.</summary>
    internal delegate void WriteStep(Utf8JsonWriter writer, StepEntry entry, long ordinal);

    /// <summary>Reads the steps that are recorded now.</summary>
    /// <param name="episode">The episode.</param>
    /// <param name="from">The first ordinal.</param>
    /// <param name="count">At most so many.</param>
    /// <param name="exact">Fewer than <paramref name="count"/> are a failure: a record said that they are there.</param>
    /// <exception cref="RefusedException">The owner refused; before the first page where there is none.</exception>
    public static async IAsyncEnumerable<StepPage> ReadAsync(EpisodeReads episode, long from, long count, bool exact = false)
    {
        while (count > 0)
        {
            var page = await episode.StepsAsync(from, (int)Math.Min(count, PageSteps));
            if (page.Steps.Count > 0) yield return page;
            if (page.Code != RollbookCode.Ok) throw Refusal(page.Code, page.Damage);
            from += page.Steps.Count;
            count -= page.Steps.Count;
            if (page.Ended || page.Steps.Count == 0) break;
        }

        if (exact && count > 0) throw Refusal(RollbookCode.Unavailable);
    }

    /// <summary>The refusal of a read.</summary>
    /// <param name="code">Why.</param>
    /// <param name="damage">What is damaged, where that is known.</param>
    public static RefusedException Refusal(RollbookCode code, string? damage = null)
    {
        var kind = ProblemKind.Of(code);
        return new RefusedException(kind, damage is null ? kind.Cure : $"{damage.TrimEnd('.')}. {kind.Cure}");
    }

    /// <summary>Writes a page's steps as elements of an array.</summary>
    public static void WriteElements(Utf8JsonWriter writer, StepPage page, WriteStep write)
    {
        var ordinal = page.From;
        for (var rest = page.Steps.Bytes.Span; !rest.IsEmpty;)
        {
            var entry = StepEntry.Read(rest);
            write(writer, entry, ordinal++);
            rest = rest[entry.Length..];
        }
    }
}
