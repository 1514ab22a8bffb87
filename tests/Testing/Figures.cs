namespace Rollbook.Testing;

/// <summary>The figures that a test run shows: printed, and appended to the file that <c>ROLLBOOK_FIGURES</c> names.</summary>
public static class Figures
{
    private static readonly Lock Gate = new();

    /// <summary>Reports one figure.</summary>
    /// <param name="test">The test's number, such as <c>T24</c>.</param>
    /// <param name="figure">What was measured, with its unit.</param>
    public static void Report(string test, string figure)
    {
        var line = $"{test}: {figure}";
        lock (Gate)
        {
            Console.WriteLine(line);
            if (Environment.GetEnvironmentVariable("ROLLBOOK_FIGURES") is { Length: > 0 } file) File.AppendAllText(file, line + "\n");
        }
    }
}
