using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Xunit;

namespace Rollbook.Grains.Tests;

/// <summary>What keeps the protocol plain code: it runs in a simulation only as long as it names no Orleans type and starts no thread of its own.</summary>
public sealed partial class ArchitectureTests
{
    private static readonly string[] OrleansTypes =
    [
        "IGrain", "Grain", "IGrainFactory", "GrainFactory", "IGrainContext", "GrainId", "SiloAddress", "ILocalSiloDetails", "IPersistentState", "ISiloBuilder",
        "DeactivationReason", "RequestContext", "IGrainRuntime", "IGrainWithStringKey",
    ];

    private static string Source([CallerFilePath] string path = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(path)!, "..", "..", "src", "Grains"));

    [Fact]
    public void StepLog_InAnyFile_MentionsNoOrleans()
    {
        var files = Files("StepLog").ToList();
        Assert.True(files.Count > 40, $"only {files.Count} files were looked at");
        Assert.DoesNotContain(files, static f => File.ReadAllText(f).Contains("Orleans", StringComparison.OrdinalIgnoreCase));
    }

    [Theory]
    [InlineData("StepLog")]
    [InlineData("Episodes")]
    [InlineData("Recovery")]
    [InlineData("Loggers")]
    [InlineData("Archive")]
    [InlineData("Export")]
    public void Protocol_OutsideOfTheGrains_NamesNoOrleansType(string room)
    {
        var found = new List<string>();
        foreach (var file in Files(room).Where(static f => !f.EndsWith("Grain.cs", StringComparison.Ordinal)))
        {
            foreach (var word in Word().Matches(Code(file)).Select(static m => m.Value))
                if (word == "Orleans" || OrleansTypes.Contains(word)) found.Add($"{Path.GetFileName(file)}: {word}");
        }

        Assert.Empty(found);
    }

    [Fact]
    public void Grains_OutsideOfHostingAndDevices_StayOnTheSchedulerOfTheirCaller()
    {
        // The query engine and the access check work beside the protocol: nothing of them runs in a simulation.
        string[] apart = ["Access", "Hosting", "Embedded", "Query", Path.Combine("StepLog", "Local")];
        var found = Files("")
            .Where(f => !apart.Any(a => Path.GetRelativePath(Source(), f).StartsWith(a + Path.DirectorySeparatorChar, StringComparison.Ordinal)))
            .Where(static f => Code(f) is var code && (code.Contains("ConfigureAwait(false)", StringComparison.Ordinal) || code.Contains("Task.Run(", StringComparison.Ordinal)));

        Assert.Empty(found.Select(Path.GetFileName));
    }

    private static IEnumerable<string> Files(string room) => Directory.EnumerateFiles(Path.Combine(Source(), room), "*.cs", SearchOption.AllDirectories);

    // Comments may speak of grains; code may not.
    private static string Code(string file) => string.Join('\n', File.ReadLines(file).Select(static l => Comment().Replace(l, "")));

    [GeneratedRegex(@"//.*$")]
    private static partial Regex Comment();

    [GeneratedRegex(@"\w+")]
    private static partial Regex Word();
}
