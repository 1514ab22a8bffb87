using System.CommandLine;
using System.Globalization;

namespace Rollbook.Cli;

/// <summary>Which steps to show, by their 0-based ordinals: <c>all</c>, <c>none</c>, <c>12</c>, <c>10-20</c>, <c>10-</c>, <c>-5</c> (the last five).</summary>
internal readonly record struct StepRange(long From, long To)
{
    public static StepRange All { get; } = new(0, long.MaxValue);

    /// <summary>The option that takes one.</summary>
    public static Option<StepRange?> NewOption(string description) => new("--steps")
    {
        Description = description,
        HelpName = "RANGE",
        CustomParser = result =>
        {
            if (Parse(result.Tokens[0].Value) is { } range)
                return range;
            result.AddError($"'{result.Tokens[0].Value}' is no range of steps. Write all, none, 12, 10-20, 10- or -5.");
            return null;
        },
    };

    /// <summary>The range in an episode of so many steps: from the first to before the second.</summary>
    public (long From, long End) Of(long count) =>
        From < 0 ? (Math.Max(0, count + From), count) : (Math.Min(From, count), To == long.MaxValue ? count : Math.Min(To + 1, count));

    public static StepRange? Parse(string text)
    {
        if (text == "all")
            return All;
        if (text == "none")
            return new StepRange(0, -1);

        var dash = text.IndexOf('-', StringComparison.Ordinal);
        if (dash < 0)
            return Number(text) is { } one ? new StepRange(one, one) : null;
        if (dash == 0)
            return Number(text[1..]) is > 0 and var last ? new StepRange(-last, -1) : null;
        if (Number(text[..dash]) is not { } from)
            return null;
        if (dash == text.Length - 1)
            return new StepRange(from, long.MaxValue);
        return Number(text[(dash + 1)..]) is { } to && to >= from ? new StepRange(from, to) : null;
    }

    // 15 digits are more steps than any log holds, and can't overflow.
    private static long? Number(string text) =>
        text.Length <= 15 && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
