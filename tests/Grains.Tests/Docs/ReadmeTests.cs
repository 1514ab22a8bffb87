using System.Diagnostics;
using System.Text.RegularExpressions;
using DuckDB.NET.Data;
using Rollbook.Archive;
using Rollbook.Grains.Tests.Archive;
using Rollbook.StepLog;
using Rollbook.Testing;
using Xunit;

namespace Rollbook.Grains.Tests.Docs;

/// <summary>What the README tells to do with the day folders, done with files as the archive writes them.</summary>
public sealed class ReadmeTests : IDisposable
{
    private const string Data = "rollbook-data";

    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task DuckDb_OverTheDayFolders_CountsTheSteps()
    {
        await FillAsync();
        var statement = Regex.Match(Readme(), "duckdb -c \"(.+)\"").Groups[1].Value;
        Assert.Contains(Data, statement, StringComparison.Ordinal);

        using var duckDb = new DuckDBConnection("Data Source=:memory:");
        duckDb.Open();
        using var command = duckDb.CreateCommand();
        command.CommandText = statement.Replace(Data, _directory.Path, StringComparison.Ordinal);
        using var reader = command.ExecuteReader();
        var counts = new Dictionary<string, long>();
        while (reader.Read()) counts.Add(reader.GetString(0), reader.GetInt64(1));

        Assert.Equal(new Dictionary<string, long> { ["edit"] = 3, ["run"] = 4 }, counts);
    }

    [Theory]
    [InlineData("pandas", "import pandas as pd", "len({0})", "pandas, pyarrow")]
    [InlineData("Polars", "import polars as pl", "{0}.collect().height", "polars")]
    [InlineData("datasets", "from datasets import load_dataset", "len({0})", "datasets")]
    public async Task Python_OverTheDayFolders_ReadsTheSteps(string name, string import, string count, string needs)
    {
        var (missing, _) = await PythonAsync($"import {needs}");
        Assert.SkipWhen(missing, $"python3 has no {needs}: the README's line for {name} is not run.");
        await FillAsync();
        var line = Regex.Match(Readme(), $"^(.+?) *# {name}$", RegexOptions.Multiline).Groups[1].Value;
        Assert.Contains(Data, line, StringComparison.Ordinal);

        var (failed, output) = await PythonAsync($"{import}\nprint({string.Format(System.Globalization.CultureInfo.InvariantCulture, count, line.Replace(Data, _directory.Path, StringComparison.Ordinal))})");

        Assert.False(failed, output);
        Assert.EndsWith("7", output.Trim(), StringComparison.Ordinal);
    }

    private async Task FillAsync()
    {
        var store = new LocalArchiveStore(Path.Combine(_directory.Path, "archive"));
        await PutAsync(store, new DateOnly(2026, 1, 31), [PackSteps.Step(1, 0, """{"action_type":"edit"}"""), PackSteps.Step(1, 1, """{"action_type":"run","reward":0.5}""")]);
        await PutAsync(store, new DateOnly(2026, 2, 1), [.. Enumerable.Range(0, 5).Select(static i => PackSteps.Step(2, i, i < 2 ? """{"action_type":"edit"}""" : """{"action_type":"run"}"""))]);
    }

    private static async Task PutAsync(LocalArchiveStore store, DateOnly day, List<PackedStep> steps) => await store.PutAsync(
        ArchivePaths.Day(EpisodeKey.DefaultProject, ArchiveKind.Steps, day, PackSteps.Log.ToString()),
        async (stream, cancellation) => await stream.WriteAsync(PackSteps.Write(steps), cancellation),
        CancellationToken.None);

    private static string Readme()
    {
        for (var directory = AppContext.BaseDirectory; directory is not null; directory = Path.GetDirectoryName(directory))
        {
            var readme = Path.Combine(directory, "README.md");
            if (File.Exists(readme) && File.Exists(Path.Combine(directory, "Orleans.sln"))) return File.ReadAllText(readme);
        }

        throw new FileNotFoundException("The repository's README.md is not above the test's program.");
    }

    private static async Task<(bool Failed, string Output)> PythonAsync(string program)
    {
        try
        {
            using var python = Process.Start(new ProcessStartInfo("python3", ["-c", program]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            var error = python.StandardError.ReadToEndAsync();
            var output = await python.StandardOutput.ReadToEndAsync();
            await python.WaitForExitAsync();
            return (python.ExitCode != 0, output + await error);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return (true, "There is no python3.");
        }
    }
}
