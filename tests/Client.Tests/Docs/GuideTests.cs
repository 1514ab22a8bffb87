using System.Runtime.CompilerServices;
using Rollbook.Testing;

namespace Rollbook.Client.Tests.Docs;

/// <summary>The guide's program is the one that is compiled and run here.</summary>
public sealed class GuideTests
{
    [Fact]
    public void Guide_Program_IsTheOneThatIsCompiledHere()
    {
        var guide = File.ReadAllText(Path.Combine(Here(), "../../../docs/csharp-client.md"));
        var source = File.ReadAllLines(Path.Combine(Here(), "GuideExample.cs"));
        var begin = Array.FindIndex(source, line => line.Contains("guide: begin", StringComparison.Ordinal));
        var end = Array.FindIndex(source, line => line.Contains("guide: end", StringComparison.Ordinal));
        var program = string.Join('\n', source[(begin + 1)..end].Select(line => line.Length > 8 ? line[8..] : ""));

        Assert.Contains($"```csharp\nusing Rollbook.Client;\n\n{program}\n```", guide, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Guide_Program_RecordsWhatItSays()
    {
        using var directory = new TempDirectory();
        await using var recorder = await RecorderHost.StartAsync(directory.Path);

        await GuideExample.RunAsync([$"127.0.0.1:{recorder.GatewayPort}"]);

        var worker = await recorder.Worker("worker-0").Read();
        var record = (await recorder.Episode(Assert.Single(worker.History).Id).Read()).Record!;
        Assert.Equal((EpisodeStatus.Completed, "submitted", 3, 1.0, 0.75), (record.Status, record.EndCause, record.StepCount, record.FinalScore, record.ReportedScore));
        Assert.Equal(["golden"], record.Labels);
    }

    private static string Here([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
}
