namespace Rollbook.Silo.Http;

/// <summary>The lines of a request with many scores: what can be read, by episode, and what can't.</summary>
internal sealed class ScoreLines
{
    private const int MaxLines = 10_000;

    /// <summary>Each episode's scores in the order of their lines, the episodes in the order of their first.</summary>
    public Dictionary<EpisodeId, List<(int Line, ScoreEvent Score)>> Episodes { get; } = [];

    /// <summary>Lines that are no score, with the reason.</summary>
    public List<(int Line, ProblemKind Kind, string Detail, string? Pointer)> Refused { get; } = [];

    /// <summary>Reads a body. Empty lines count as lines and are skipped.</summary>
    /// <exception cref="TooLargeException">It has too many lines: nothing of it is taken.</exception>
    /// <exception cref="BadJsonException">It has none.</exception>
    public static ScoreLines Read(ReadOnlySpan<byte> body)
    {
        var lines = new ScoreLines();
        var number = 0;
        var scores = 0;
        foreach (var range in body.Split((byte)'\n'))
        {
            number++;
            var line = body[range].Trim(" \t\r"u8);
            if (line.IsEmpty) continue;
            if (++scores > MaxLines) throw new TooLargeException($"A request has at most {MaxLines:N0} scores. Send them in several requests.");
            lines.Take(number, line);
        }

        return scores > 0 ? lines : throw new BadJsonException("The body has no line. Send one score a line.", "");
    }

    private void Take(int number, ReadOnlySpan<byte> line)
    {
        try
        {
            var (episode, score) = ScoreBody.ReadLine(line);
            if (!Episodes.TryGetValue(episode, out var scores)) Episodes[episode] = scores = [];
            scores.Add((number, score));
        }
        catch (BadJsonException bad)
        {
            Refused.Add((number, ProblemKind.BadJson, bad.Message, bad.Pointer));
        }
        catch (TooLargeException large)
        {
            Refused.Add((number, ProblemKind.TooLarge, large.Message, null));
        }
    }
}
