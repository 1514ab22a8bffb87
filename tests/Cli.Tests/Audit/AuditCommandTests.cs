using Rollbook.Access;
using Rollbook.Testing;
using Xunit;

namespace Rollbook.Cli.Tests.Audit;

public sealed class AuditCommandTests : IDisposable
{
    private readonly TempDirectory directory = new();

    private string LogPath => AuditFile.PathIn(directory.Path);

    public void Dispose() => directory.Dispose();

    [Fact]
    public async Task Audit_WholeLog_ShowsItAndItsHead()
    {
        Write(3);
        var run = await RunAsync();
        Assert.Equal((0, 3), (run.ExitCode, run.Lines.Count));
        Assert.Contains(AuditFile.Read(LogPath).Head, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Audit_ChangedLine_IsNamed()
    {
        Write(3);
        File.WriteAllText(LogPath, File.ReadAllText(LogPath).Replace("entry 1", "entry 9", StringComparison.Ordinal));
        var run = await RunAsync();
        Assert.Equal((1, 1), (run.ExitCode, run.Lines.Count));
        Assert.Contains("Line 2 ", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Audit_CutLog_IsFoundByAnEarlierHead()
    {
        Write(3);
        var head = AuditFile.Read(LogPath).Head;
        Assert.Equal(0, (await RunAsync("--head", head)).ExitCode);
        File.WriteAllLines(LogPath, File.ReadAllLines(LogPath)[..2]);
        Assert.Equal(0, (await RunAsync()).ExitCode);
        var run = await RunAsync("--head", head);
        Assert.Equal((1, true), (run.ExitCode, run.Error.Contains("cut off", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Audit_NoLog_IsNotFound() => Assert.Equal(4, (await RunAsync()).ExitCode);

    private Task<CliRun> RunAsync(params string[] more) => CliRun.OfAsync(new Dictionary<string, string>(), ["audit", directory.Path, .. more]);

    private void Write(int count)
    {
        using var log = new AuditLog(LogPath, TimeProvider.System);
        for (var i = 0; i < count; i++) log.Append(new AuditEntry("key:a", "127.0.0.1", "export", $"entry {i}"));
    }
}
