namespace Rollbook.Silo.Demo;

/// <summary>Check digits: recursion over digits.</summary>
internal static class ChecksumTask
{
    public static RepairTask Task { get; } = new()
    {
        Name = "fix-checksum",
        Description = "Valid card numbers are refused. Make the tests pass.",
        Files = new Dictionary<string, string>
        {
            ["README.md"] = "The Luhn check, digit by digit.\n",
            ["src/digits.mini"] = """
                fn digit_sum(n) = if n < 10 then n else n % 10 + digit_sum(n / 10)

                # The digital root: sums of sums.
                fn root(n) = if n < 10 then n else root(digit_sum(n))

                """,
            ["src/luhn.mini"] = """
                # Every second digit from the right is doubled, its digits added.
                fn luhn_sum(n, double) =
                    if n == 0 then 0
                    else luhn_digit(n % 10, double) + luhn_sum(n / 10, not double)

                fn luhn_digit(d, double) = if double then digit_sum(d * 2) else d

                fn valid(n) = luhn_sum(n, false) % 10 == 0

                fn check_digit(n) = (10 - luhn_sum(n, true) % 10) % 10

                """,
            ["tests/digits.mini"] = """
                test "sum of one digit" = digit_sum(7) == 7
                test "sum of four" = digit_sum(1987) == 25
                test "root" = root(1987) == 7
                test "root of nine" = root(9) == 9

                """,
            ["tests/luhn.mini"] = """
                test "a valid card" = valid(4539578763621486)
                test "one digit wrong" = not valid(4539578763621487)
                test "a short number" = valid(79927398713)
                test "check digit" = check_digit(7992739871) == 3
                test "check digit of zero" = check_digit(0) == 0

                """,
        },
        Bugs =
        [
            new("src/luhn.mini", "luhn_digit", "digit_sum(d * 2)", "digit_sum(d + 2)"),
            new("src/luhn.mini", "luhn_sum", "luhn_sum(n / 10, not double)", "luhn_sum(n / 10, double)"),
            new("src/digits.mini", "digit_sum", "digit_sum(n / 10)", "digit_sum(n / 100)"),
            new("src/luhn.mini", "check_digit", "10 - luhn_sum(n, true)", "10 - luhn_sum(n, false)"),
            new("src/digits.mini", "root", "else root(digit_sum(n))", "else digit_sum(n)"),
        ],
        Variants = [[0], [2], [1, 4], [0, 3]],
    };
}
