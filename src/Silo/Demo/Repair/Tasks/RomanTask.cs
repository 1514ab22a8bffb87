namespace Rollbook.Silo.Demo;

/// <summary>Roman numerals: recursion over texts and numbers.</summary>
internal static class RomanTask
{
    public static RepairTask Task { get; } = new()
    {
        Name = "fix-roman",
        Description = "Chapter numbers are printed wrong. Make the tests pass.",
        Files = new Dictionary<string, string>
        {
            ["README.md"] = "Roman numerals of 1 to 399.\n",
            ["src/write.mini"] = """
                fn roman(n) =
                    if n >= 100 then "C" + roman(n - 100)
                    else if n >= 90 then "XC" + roman(n - 90)
                    else if n >= 50 then "L" + roman(n - 50)
                    else if n >= 40 then "XL" + roman(n - 40)
                    else if n >= 10 then "X" + roman(n - 10)
                    else units(n)

                fn units(n) =
                    if n == 9 then "IX"
                    else if n >= 5 then "V" + units(n - 5)
                    else if n == 4 then "IV"
                    else if n >= 1 then "I" + units(n - 1)
                    else ""

                """,
            ["src/read.mini"] = """
                fn digit(c) =
                    if c == "C" then 100
                    else if c == "L" then 50
                    else if c == "X" then 10
                    else if c == "V" then 5
                    else if c == "I" then 1
                    else 0

                # A smaller digit before a larger one counts against it.
                fn parse(s) =
                    if len(s) == 0 then 0
                    else let here = digit(slice(s, 0, 1)) in
                         let next = digit(slice(s, 1, 2)) in
                         (if here < next then -here else here) + parse(slice(s, 1, len(s)))

                """,
            ["tests/write.mini"] = """
                test "three" = roman(3) == "III"
                test "four" = roman(4) == "IV"
                test "nine" = roman(9) == "IX"
                test "forty-two" = roman(42) == "XLII"
                test "seventy-eight" = roman(78) == "LXXVIII"
                test "ninety-nine" = roman(99) == "XCIX"
                test "two hundred and fifty" = roman(250) == "CCL"

                """,
            ["tests/read.mini"] = """
                test "reads three" = parse("III") == 3
                test "reads fourteen" = parse("XIV") == 14
                test "reads sixty" = parse("LX") == 60
                test "reads ninety" = parse("XC") == 90
                test "reads nothing" = parse("") == 0
                test "there and back" = parse(roman(399)) == 399

                """,
        },
        Bugs =
        [
            new("src/write.mini", "roman", "\"XC\" + roman(n - 90)", "\"XC\" + roman(n - 80)"),
            new("src/read.mini", "parse", "if here < next then", "if here > next then"),
            new("src/write.mini", "units", "else if n == 4 then \"IV\"", "else if n == 4 then \"VI\""),
            new("src/read.mini", "digit", "\"L\" then 50", "\"L\" then 500"),
            new("src/write.mini", "roman", "n >= 10 then \"X\" + roman(n - 10)", "n >= 10 then \"X\" + roman(n)"),
        ],
        Variants = [[0], [1], [2, 3], [4, 0]],
    };
}
