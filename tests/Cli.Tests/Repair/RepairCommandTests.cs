using Rollbook.Cli.Tests.Verify;
using Rollbook.StepLog;
using Xunit;

namespace Rollbook.Cli.Tests.Repair;

public sealed class RepairCommandTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly LogWriter _log;

    public RepairCommandTests() => _log = new LogWriter(_directory.Path);

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(5)]
    [InlineData(8)]
    public async Task Repair_WhenLossIsAccepted_CutsTheLogThereAndTheDeviceReadsWhatIsBefore(int damaged)
    {
        await _log.WriteAsync(20);
        _log.Damage(damaged);
        var segments = Segments();

        var run = await RunAsync("--accept-loss");

        Assert.Equal(0, run.ExitCode);
        Assert.Contains($"cut at chunk {damaged}; given up: the damaged place, and {19 - damaged} readable chunks behind it with {(19 - damaged) * 4} steps of 2 episodes", run.Out, StringComparison.Ordinal);
        Assert.Equal(segments, Segments());
        Assert.Equal(0, (await CliRun.OfAsync(new Dictionary<string, string>(), "verify", _directory.Path)).ExitCode);

        var token = TestContext.Current.CancellationToken;
        using var storage = new LocalStepLogStorage(new LocalStepLogOptions { DataDirectory = _directory.Path, SegmentBytes = 4096, DiskReserveBytes = 0 });
        var end = await storage.FenceAsync(_log.Log, 0, token);
        var chunks = await storage.ReadAsync(_log.Log, 0, end.Fence, token).Select(chunk => chunk.Header.Address.Number).ToListAsync(token);
        Assert.Equal(damaged, end.Fence);
        Assert.True(end.TornBytes > 0);
        Assert.Equal(Enumerable.Range(0, damaged).Select(number => (long)number), chunks);
    }

    [Fact]
    public async Task Repair_WhenLossIsAccepted_LeavesARecordOfWhatWasGivenUpByEpisode()
    {
        await _log.WriteAsync(20);
        _log.Damage(5);

        await RunAsync("--accept-loss");

        var record = await File.ReadAllTextAsync(Assert.Single(Directory.GetFiles(Path.GetDirectoryName(_log.Fence)!, "repair-*.json")), TestContext.Current.CancellationToken);
        Assert.Contains($"\"default/{LogWriter.Episodes[0]}\":28", record, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Repair_WithoutConsent_TellsTheLossAndChangesNothing()
    {
        await _log.WriteAsync(20);
        _log.Damage(5);

        var run = await RunAsync();

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("would be cut at chunk 5", run.Out, StringComparison.Ordinal);
        Assert.Contains("--accept-loss", run.Out, StringComparison.Ordinal);
        Assert.False(File.Exists(_log.Fence));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Repair_WhenNothingIsDamaged_ChangesNothing(bool torn)
    {
        await _log.WriteAsync(20);
        if (torn)
            _log.Damage(19);

        var run = await RunAsync("--accept-loss");

        Assert.Equal(0, run.ExitCode);
        Assert.False(File.Exists(_log.Fence));
    }

    [Fact]
    public async Task Repair_WhenTheFenceIsDamaged_WritesItAnewAndKeepsTheOldBytes()
    {
        await _log.WriteAsync(20, fence: true);
        await File.WriteAllTextAsync(_log.Fence, "garbage", TestContext.Current.CancellationToken);

        var run = await RunAsync("--accept-loss");

        Assert.Equal(0, run.ExitCode);
        Assert.Equal("garbage", await File.ReadAllTextAsync(Assert.Single(Directory.GetFiles(Path.GetDirectoryName(_log.Fence)!, "fence.damaged-*")), TestContext.Current.CancellationToken));
        using var storage = new LocalStepLogStorage(new LocalStepLogOptions { DataDirectory = _directory.Path, SegmentBytes = 4096, DiskReserveBytes = 0 });
        Assert.Equal(20, (await storage.FenceAsync(_log.Log, 0, TestContext.Current.CancellationToken)).Fence);
    }

    [Theory]
    [InlineData(true, 100, "never moved")]
    [InlineData(false, 8, "of another release")]
    public async Task Repair_WhenItMustNotBeCut_RefusesAndSaysWhy(bool fence, int offset, string reason)
    {
        await _log.WriteAsync(20, fence);
        _log.Damage(5, offset);

        var run = await RunAsync("--accept-loss");

        Assert.Equal(1, run.ExitCode);
        Assert.Contains(reason, run.Out, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(Path.GetDirectoryName(_log.Fence)!, "repair-*"));
    }

    private Task<CliRun> RunAsync(params string[] args) => CliRun.OfAsync(new Dictionary<string, string>(), ["repair", _directory.Path, .. args]);

    private string Segments() => string.Concat(Directory.GetFiles(Path.GetDirectoryName(_log.Fence)!, "*.wal").Order(StringComparer.Ordinal)
        .Select(file => Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(file)))));
}
