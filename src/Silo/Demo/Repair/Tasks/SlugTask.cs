namespace Rollbook.Silo.Demo;

/// <summary>Titles to addresses: texts.</summary>
internal static class SlugTask
{
    public static RepairTask Task { get; } = new()
    {
        Name = "fix-slug",
        Description = "Some pages have ugly addresses. Make the tests pass.",
        Files = new Dictionary<string, string>
        {
            ["README.md"] = "Titles become addresses: lower case, words joined by one hyphen.\n",
            ["src/words.mini"] = """
                # Runs of spaces become one.
                fn squeeze(s) = if find(s, "  ") < 0 then s else squeeze(replace(s, "  ", " "))

                fn first_word(s) =
                    let space = find(trim(s), " ") in
                    if space < 0 then trim(s) else slice(trim(s), 0, space)

                fn capital(s) = upper(slice(s, 0, 1)) + lower(slice(s, 1, len(s)))

                """,
            ["src/slug.mini"] = """
                fn slug(title) = replace(squeeze(lower(trim(title))), " ", "-")

                # A slug of at most size characters, without a hyphen at its end.
                fn short_slug(title, size) = drop_hyphen(slice(slug(title), 0, size))

                fn drop_hyphen(s) =
                    if len(s) > 0 and slice(s, len(s) - 1, len(s)) == "-" then drop_hyphen(slice(s, 0, len(s) - 1))
                    else s

                """,
            ["tests/words.mini"] = """
                test "squeeze three" = squeeze("a   b") == "a b"
                test "squeeze nothing" = squeeze("a b") == "a b"
                test "first of two" = first_word(" Hello World ") == "Hello"
                test "first of one" = first_word("Hello") == "Hello"
                test "capital" = capital("pARIS") == "Paris"

                """,
            ["tests/slug.mini"] = """
                test "slug" = slug("Hello World") == "hello-world"
                test "slug of spaces" = slug("  A   Tale of Two ") == "a-tale-of-two"
                test "short slug" = short_slug("A Tale of Two", 8) == "a-tale-o"
                test "short slug at a hyphen" = short_slug("A Tale of Two", 7) == "a-tale"
                test "short slug of nothing" = short_slug("", 7) == ""

                """,
        },
        Bugs =
        [
            new("src/slug.mini", "slug", "lower(trim(title))", "upper(trim(title))"),
            new("src/words.mini", "first_word", "slice(trim(s), 0, space)", "slice(trim(s), 1, space)"),
            new("src/slug.mini", "drop_hyphen", "slice(s, len(s) - 1, len(s)) == \"-\"", "slice(s, len(s) + 1, len(s)) == \"-\""),
            new("src/words.mini", "capital", "lower(slice(s, 1, len(s)))", "upper(slice(s, 1, len(s)))"),
        ],
        Variants = [[0], [1, 3], [2], [0, 1, 2]],
    };
}
