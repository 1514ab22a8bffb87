namespace Rollbook.Silo.Demo;

/// <summary>Leap years and days.</summary>
internal static class CalendarTask
{
    public static RepairTask Task { get; } = new()
    {
        Name = "fix-calendar",
        Description = "Dates around the end of February are off by one. Make the tests pass.",
        Files = new Dictionary<string, string>
        {
            ["README.md"] = "The Gregorian calendar, in three functions.\n",
            ["src/leap.mini"] = """
                # Every fourth year, but for the centuries, but for every fourth of these.
                fn leap(year) = year % 4 == 0 and year % 100 != 0 or year % 400 == 0

                """,
            ["src/days.mini"] = """
                fn days_in_month(year, month) =
                    if month == 2 then (if leap(year) then 29 else 28)
                    else if month == 4 or month == 6 or month == 9 or month == 11 then 30
                    else 31

                # 1 for the first of January.
                fn day_of_year(year, month, day) =
                    if month == 1 then day
                    else days_in_month(year, month - 1) + day_of_year(year, month - 1, day)

                fn days_left(year, month, day) =
                    (if leap(year) then 366 else 365) - day_of_year(year, month, day)

                """,
            ["tests/leap.mini"] = """
                test "2024 is a leap year" = leap(2024)
                test "2023 is none" = not leap(2023)
                test "1900 is none" = not leap(1900)
                test "2000 is one" = leap(2000)

                """,
            ["tests/days.mini"] = """
                test "February 2024" = days_in_month(2024, 2) == 29
                test "February 2023" = days_in_month(2023, 2) == 28
                test "November" = days_in_month(2023, 11) == 30
                test "August" = days_in_month(2023, 8) == 31
                test "first of March" = day_of_year(2023, 3, 1) == 60
                test "first of April" = day_of_year(2023, 4, 1) == 91
                test "last of December" = day_of_year(2024, 12, 31) == 366
                test "nothing left" = days_left(2023, 12, 31) == 0
                test "the whole year" = days_left(2024, 1, 1) == 365

                """,
        },
        Bugs =
        [
            new("src/leap.mini", "leap", "year % 100 != 0", "year % 100 == 0"),
            new("src/days.mini", "day_of_year", "days_in_month(year, month - 1) + day", "days_in_month(year, month) + day"),
            new("src/days.mini", "days_in_month", "month == 11 then 30", "month == 12 then 30"),
            new("src/days.mini", "days_left", "then 366 else", "then 365 else"),
        ],
        Variants = [[0], [1], [2, 3], [0, 1, 3]],
    };
}
