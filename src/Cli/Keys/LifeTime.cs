using System.CommandLine;
using System.Globalization;

namespace Rollbook.Cli;

/// <summary>A time such as 90d, 12h, 30m or 45s on the command line.</summary>
internal static class LifeTime
{
    /// <summary>Makes the option.</summary>
    public static Option<TimeSpan?> NewOption(string name, string about) => new(name)
    {
        Description = about,
        HelpName = "TIME",
        CustomParser = result =>
        {
            if (Parse(result.Tokens[0].Value) is { } time)
                return time;
            result.AddError($"'{result.Tokens[0].Value}' is not a time. Write a whole number and a unit: 90d, 12h, 30m or 45s.");
            return null;
        },
    };

    private static TimeSpan? Parse(string text)
    {
        if (text.Length < 2 || !int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var count) || count > 1_000_000)
            return null;
        return text[^1] switch
        {
            'd' => TimeSpan.FromDays(count),
            'h' => TimeSpan.FromHours(count),
            'm' => TimeSpan.FromMinutes(count),
            's' => TimeSpan.FromSeconds(count),
            _ => null,
        };
    }
}
