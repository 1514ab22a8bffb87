using System.Text.Json;
using Rollbook.StepLog;
using Xunit;

namespace Rollbook.Cli.Tests.Verify;

public sealed class VerifyCommandTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly LogWriter _log;

    public VerifyCommandTests() => _log = new LogWriter(_directory.Path);

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(false, "clean")]
    [InlineData(true, "fenced")]
    public async Task Verify_WhenLogIsWhole_CountsAllOfIt(bool fence, string end)
    {
        await _log.WriteAsync(20, fence);

        var (code, log) = await VerifyAsync();

        Assert.Equal(0, code);
        Assert.Equal((20, 40, 2, 80, 20, end), Facts(log));
    }

    [Fact]
    public async Task Verify_WhenOldSegmentsWereFreed_BeginsBehindThem()
    {
        await _log.WriteAsync(20, fence: true, trimTo: 9);

        var (code, log) = await VerifyAsync();

        Assert.Equal((0, 8, 12), (code, log.GetProperty("first_chunk").GetInt32(), log.GetProperty("chunks").GetInt32()));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(16)]
    [InlineData(18)]
    public async Task Verify_WhenAnEarlierChunkIsDamaged_IsCorruptAndNamesThePlace(int chunk)
    {
        await _log.WriteAsync(20);
        _log.Damage(chunk);

        var (code, log) = await VerifyAsync();

        Assert.Equal(1, code);
        Assert.Equal((chunk, chunk * 2, chunk == 0 ? 0 : 2, chunk * 4, chunk, "corrupt"), Facts(log));
        var damage = log.GetProperty("damage");
        Assert.Equal(chunk, damage.GetProperty("chunk").GetInt32());
        Assert.Equal(_log.Segment(chunk / 8), damage.GetProperty("file").GetString());
        Assert.Equal(chunk % 8 * 512, damage.GetProperty("offset").GetInt32());
        Assert.Equal(19 - chunk, log.GetProperty("behind").GetProperty("chunks").GetInt32());
    }

    [Fact]
    public async Task Verify_WhereverTheByteIsFlipped_ReportsIt()
    {
        await _log.WriteAsync(9);
        // Header and frames of a chunk; behind them is padding, which holds nothing.
        for (var offset = 0; offset < 64 + (2 * (48 + 7 + 5)); offset++)
        {
            _log.Damage(4, offset);
            var (code, log) = await VerifyAsync();
            // The version's two bytes: what looks like a newer release's chunk is reported, but never as damage.
            var end = offset is 8 or 9 ? "other_format" : "corrupt";
            Assert.True((code, log.GetProperty("end").GetString(), log.GetProperty("next_chunk").GetInt32()) == (1, end, 4), $"offset {offset}: {log}");
            _log.Damage(4, offset);
        }

        Assert.Equal(0, (await VerifyAsync()).Code);
    }

    [Fact]
    public async Task Verify_WhenTheLastChunkIsCut_IsATornTailAndGood()
    {
        await _log.WriteAsync(20);
        _log.Damage(19);

        var (code, log) = await VerifyAsync();

        Assert.Equal((0, "torn_tail", 19, 512), (code, log.GetProperty("end").GetString(), log.GetProperty("chunks").GetInt32(), log.GetProperty("torn_bytes").GetInt32()));
    }

    [Fact]
    public async Task Verify_WhenTheLastChunkBelowTheFenceIsDamaged_IsCorrupt()
    {
        await _log.WriteAsync(20, fence: true);
        _log.Damage(19);

        var (code, log) = await VerifyAsync();

        Assert.Equal((1, "corrupt", 19), (code, log.GetProperty("end").GetString(), log.GetProperty("damage").GetProperty("chunk").GetInt32()));
    }

    [Fact]
    public async Task Verify_WhenASegmentIsMissing_IsCorrupt()
    {
        await _log.WriteAsync(20);
        File.Delete(_log.Segment(1));

        var (code, log) = await VerifyAsync();

        Assert.Equal((1, "corrupt", 8), (code, log.GetProperty("end").GetString(), log.GetProperty("damage").GetProperty("chunk").GetInt32()));
    }

    [Fact]
    public async Task Verify_WhenTheFenceIsDamaged_IsCorrupt()
    {
        await _log.WriteAsync(20, fence: true);
        var bytes = await File.ReadAllBytesAsync(_log.Fence, TestContext.Current.CancellationToken);
        bytes[25] ^= 1;
        await File.WriteAllBytesAsync(_log.Fence, bytes, TestContext.Current.CancellationToken);

        var (code, log) = await VerifyAsync();

        Assert.Equal((1, "corrupt", _log.Fence), (code, log.GetProperty("end").GetString(), log.GetProperty("damage").GetProperty("file").GetString()));
    }

    [Fact]
    public async Task Verify_WhenAFormatIsOfAnotherRelease_DoesNotCallItDamage()
    {
        await _log.WriteAsync(20);
        _log.Damage(5, offset: 8);

        var (code, log) = await VerifyAsync();

        Assert.Equal((1, "other_format"), (code, log.GetProperty("end").GetString()));
    }

    [Fact]
    public async Task Verify_WhateverItFinds_WritesNothing()
    {
        await _log.WriteAsync(20);
        _log.Damage(5);
        var before = Contents();

        await VerifyAsync();
        await CliRun.OfAsync(new Dictionary<string, string>(), "repair", _directory.Path);

        Assert.Equal(before, Contents());
    }

    [Fact]
    public async Task Verify_WhenARecorderHasTheDirectory_Refuses()
    {
        using var held = DataDirectoryLock.Acquire(new LocalStepLogOptions { DataDirectory = _directory.Path, AllowUnsafeFileSystem = true });

        var run = await CliRun.OfAsync(new Dictionary<string, string>(), "verify", _directory.Path);

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("(in_use)", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("gone")]
    public async Task Verify_WhenItIsNoDataDirectory_ExitsWithFour(string name) =>
        Assert.Equal(4, (await CliRun.OfAsync(new Dictionary<string, string>(), "verify", _directory.In(name))).ExitCode);

    [Fact]
    public async Task Verify_WhenAPersonReads_ShowsATableAndTheCure()
    {
        await _log.WriteAsync(20);
        _log.Damage(3);

        var run = await CliRun.OfAsync(new Dictionary<string, string>(), "verify", _directory.Path);

        Assert.Contains(_log.Log.ToString(), run.Out, StringComparison.Ordinal);
        Assert.Contains("CORRUPT at chunk 3", run.Out, StringComparison.Ordinal);
        Assert.Contains("rollbook repair " + _directory.Path, run.Out, StringComparison.Ordinal);
    }

    private async Task<(int Code, JsonElement Log)> VerifyAsync()
    {
        var run = await CliRun.OfAsync(new Dictionary<string, string>(), "verify", _directory.Path, "--json");
        return (run.ExitCode, JsonDocument.Parse(Assert.Single(run.Lines)).RootElement);
    }

    private string Contents() => string.Join('\n', Directory.EnumerateFiles(_directory.Path, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
        .Select(file => file + " " + Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(file)))));

    private static (int, int, int, int, int, string?) Facts(JsonElement log) => (
        log.GetProperty("chunks").GetInt32(), log.GetProperty("frames").GetInt32(), log.GetProperty("episodes").GetInt32(),
        log.GetProperty("steps").GetInt32(), log.GetProperty("next_chunk").GetInt32(), log.GetProperty("end").GetString());
}
