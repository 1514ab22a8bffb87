namespace Rollbook.Silo.Demo;

/// <summary>Half-open ranges of numbers.</summary>
internal static class RangesTask
{
    public static RepairTask Task { get; } = new()
    {
        Name = "fix-ranges",
        Description = "Bookings overlap though the calendar says that they don't. Make the tests pass.",
        Files = new Dictionary<string, string>
        {
            ["README.md"] = "A range is [from, to): its end does not belong to it.\n",
            ["src/range.mini"] = """
                fn contains(from, to, x) = from <= x and x < to

                fn width(from, to) = max(0, to - from)

                fn overlap(a, b, c, d) = width(max(a, c), min(b, d))

                fn meets(a, b, c, d) = overlap(a, b, c, d) > 0

                """,
            ["src/clamp.mini"] = """
                fn clamp(x, low, high) =
                    if x < low then low
                    else if x > high then high
                    else x

                # 0 to 100, for a progress bar.
                fn percent(x, low, high) = (clamp(x, low, high) - low) * 100 / width(low, high)

                """,
            ["tests/range.mini"] = """
                test "the start belongs to it" = contains(3, 7, 3)
                test "the end does not" = not contains(3, 7, 7)
                test "width" = width(3, 7) == 4
                test "width of nothing" = width(7, 3) == 0
                test "overlap" = overlap(0, 10, 6, 20) == 4
                test "no overlap" = overlap(0, 3, 5, 9) == 0
                test "neighbours don't meet" = not meets(0, 5, 5, 9)
                test "one inside meets" = meets(0, 9, 3, 4)

                """,
            ["tests/clamp.mini"] = """
                test "clamp below" = clamp(-5, 0, 10) == 0
                test "clamp above" = clamp(15, 0, 10) == 10
                test "clamp inside" = clamp(7, 0, 10) == 7
                test "half way" = percent(15, 10, 20) == 50
                test "past the end" = percent(99, 10, 20) == 100

                """,
        },
        Bugs =
        [
            new("src/range.mini", "contains", "x < to", "x <= to"),
            new("src/range.mini", "overlap", "min(b, d)", "max(b, d)"),
            new("src/clamp.mini", "clamp", "x > high then high", "x > high then low"),
            new("src/range.mini", "meets", "c, d) > 0", "c, d) >= 0"),
            new("src/clamp.mini", "percent", "high) - low) * 100", "high) + low) * 100"),
        ],
        Variants = [[0], [1], [2, 3], [0, 3, 4]],
    };
}
