
namespace Rollbook.Steps;

/// <summary>Cuts a large batch into calls of bounded size: a chunk of the log holds 4 MiB unless one step alone is larger.</summary>
internal static class StepSlices
{
    /// <summary>The most bytes that one call carries.</summary>
    public const int MaxBytes = 4 * 1024 * 1024;

    /// <summary>The batch in consecutive parts, each of at least one step.</summary>
    public static IEnumerable<EncodedSteps> Cut(EncodedSteps steps)
    {
        for (var rest = steps; rest.Count > 0;)
        {
            var first = Take(rest);
            yield return first;
            rest = new EncodedSteps(rest.Count - first.Count, rest.Bytes[first.Bytes.Length..]);
        }
    }

    private static EncodedSteps Take(EncodedSteps steps)
    {
        if (steps.Bytes.Length <= MaxBytes) return steps;
        var bytes = steps.Bytes.Span;
        var count = 0;
        var length = 0;
        while (count < steps.Count)
        {
            var next = StepEntry.Read(bytes[length..]).Length;
            if (count > 0 && length + next > MaxBytes) break;
            length += next;
            count++;
        }

        return new EncodedSteps(count, steps.Bytes[..length]);
    }
}
