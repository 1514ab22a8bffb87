using System.Text.RegularExpressions;

namespace Rollbook.Deploy.Tests;

/// <summary>No file of deploy/ sets what nothing reads.</summary>
public sealed partial class KnownSettingsTests
{
    [Fact]
    public void Variables_NamedInDeploy_AreReadByASilo()
    {
        var files = Directory.EnumerateFiles(DeployFiles.PathOf("deploy"), "*", SearchOption.AllDirectories).Append(DeployFiles.PathOf("src/Silo/Silo.csproj")).ToList();
        var named = files.SelectMany(file => Variable().Matches(File.ReadAllText(file)).Select(match => match.Value)).Distinct().ToList();
        Assert.True(named.Count > 10, $"only {named.Count} variables");
        // The clients' own.
        Assert.Empty(KnownSettings.Unknown(named.Except(["ROLLBOOK_URL", "ROLLBOOK_API_KEY"])));
    }

    [Fact]
    public void Variables_ThatWereAwaited_AreStillMissing() =>
        Assert.DoesNotContain(KnownSettings.Awaited, KnownSettings.IsRead);

    [Theory]
    [InlineData("ROLLBOOK_URLS", true)]
    [InlineData("Rollbook__Urls", true)]
    [InlineData("Rollbook__StepLog__ChunkBytes", true)]
    [InlineData("Rollbook__LocalStepLog__AllowUnsafeFileSystem", true)]
    [InlineData("ROLLBOOK_URLZ", false)]
    [InlineData("Rollbook__StepLog__ChunkBytez", false)]
    [InlineData("Rollbook__Nothing__ChunkBytes", false)]
    public void IsRead_KnowsTheOptions(string variable, bool read) => Assert.Equal(read, KnownSettings.IsRead(variable));

    [GeneratedRegex(@"\bROLLBOOK_[A-Z_]+|\bRollbook(?:__[A-Za-z]+)+|\bDOTNET_[A-Za-z]+(?=[\s=""'])")]
    private static partial Regex Variable();
}
