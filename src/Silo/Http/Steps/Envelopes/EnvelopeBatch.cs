using System.Text.Unicode;

namespace Rollbook.Silo.Http;

/// <summary>Reads a whole body with steps of many episodes: NDJSON, one step a line, an episode's lines together and in order.</summary>
internal static class EnvelopeBatch
{
    /// <summary>The most episodes that a request may hold.</summary>
    public const int MaxEpisodes = 1_000;

    // Episode id, ordinal and the names around them are longer than an entry's head, so that a body's size is room enough for most.
    private const int Slack = 4_096;

    /// <summary>Encodes all steps of a body.</summary>
    /// <param name="body">The body, decompressed.</param>
    /// <param name="receivedAt">Unix microseconds.</param>
    /// <returns>Each episode's part, in the order of the body.</returns>
    /// <exception cref="BadJsonException">A line is not what it should be, or stands in the wrong place; nothing of the body is taken.</exception>
    /// <exception cref="TooLargeException">More than <see cref="MaxEpisodes"/> episodes or <see cref="StepBatch.MaxSteps"/> steps.</exception>
    public static List<EpisodeSteps> Read(ReadOnlySpan<byte> body, long receivedAt)
    {
        var valid = Utf8.IsValid(body);
        var output = new StepBuffer(body.Length + Slack);
        var reader = new EnvelopeReader(receivedAt, output);
        var parts = new Parts(output);
        var number = 0;
        var count = 0;
        while (!body.IsEmpty)
        {
            var end = body.IndexOf((byte)'\n');
            var line = end < 0 ? body : body[..end];
            body = end < 0 ? [] : body[(end + 1)..];
            number++;
            if (line.Trim(" \t\r"u8).IsEmpty) continue;
            if (++count > StepBatch.MaxSteps) throw StepBatch.TooMany();
            var before = output.Length;
            var place = reader.Read(line, number, valid ? -1 : JsonPointers.FirstInvalidUtf8(line), out var refusal);
            parts.Add(place, number, before, refusal);
        }

        if (count == 0) throw new BadJsonException("The body holds no step.", "", 1);
        return parts.Take();
    }

    /// <summary>The episodes seen so far.</summary>
    private sealed class Parts(StepBuffer output)
    {
        private readonly List<Part> parts = [];
        private readonly HashSet<EpisodeId> seen = [];
        private Part? last;

        public void Add(StepPlace place, int number, int start, BadJsonException? refusal)
        {
            if (last is null || last.First.Episode != place.Episode) Open(place, number, start);
            else Continue(last, place, number, refusal);
            last!.Count++;
            last.Refusal ??= refusal;
            // An episode of which one step is refused is refused whole: its entries make room for the next one's.
            if (last.Refusal is not null) output.Truncate(last.Start);
            last.End = output.Length;
        }

        public List<EpisodeSteps> Take()
        {
            var bytes = output.Take();
            return parts.ConvertAll(part => new EpisodeSteps(
                part.First.Episode,
                part.First.Ordinal,
                part.First.WriterEpoch,
                part.Refusal is null ? new EncodedSteps(part.Count, bytes[part.Start..part.End]) : default,
                part.Refusal));
        }

        private void Open(StepPlace place, int number, int start)
        {
            if (!seen.Add(place.Episode))
                throw Wrong("The lines of one episode stand together: this one's ended before.", "episode_id", number);
            if (parts.Count == MaxEpisodes) throw new TooLargeException($"A request holds steps of at most {MaxEpisodes} episodes. Send the rest in another one.");
            last = new Part { First = place, Start = start };
            parts.Add(last);
        }

        private static void Continue(Part part, StepPlace place, int number, BadJsonException? refusal)
        {
            // Past the last ordinal the sum is negative, which no ordinal is.
            var expected = unchecked(part.First.Ordinal + part.Count);
            if (place.Ordinal != expected)
                throw Wrong($"The line after ordinal {part.First.Ordinal + part.Count - 1} of an episode must have the next one.", "ordinal", number);
            // A line that is not JSON may not have come to its epoch.
            if (refusal is null && part.Refusal is null && place.WriterEpoch != part.First.WriterEpoch)
                throw Wrong("The lines of one episode have one writer_epoch.", "writer_epoch", number);
        }

        private static BadJsonException Wrong(string detail, string field, int number) => new(detail, $"/{field}", number);
    }

    private sealed class Part
    {
        public required StepPlace First { get; init; }

        public required int Start { get; init; }

        public int End { get; set; }

        public int Count { get; set; }

        public BadJsonException? Refusal { get; set; }
    }
}
