using Microsoft.Extensions.Time.Testing;
using Rollbook.Archive;
using Rollbook.Testing;
using Xunit;

namespace Rollbook.Grains.Tests.Archive.Cache;

public sealed class FileCacheTests : IDisposable
{
    private const int Limit = 1000;

    private readonly CancellationToken _token = CancellationToken.None;
    private readonly TempDirectory _directory = new();
    private readonly FakeTimeProvider _time = new();
    private readonly FileCache _cache;
    private int _fetches;

    public FileCacheTests() => _cache = new FileCache(_directory.Path, Limit, _time);

    [Fact]
    public async Task PathAsync_WhenAskedAgain_FetchesOnce()
    {
        var path = await PathAsync("projects/p/a.steps.parquet", 100);
        Assert.Equal(path, await PathAsync("projects/p/a.steps.parquet", 100));

        Assert.Equal(1, _fetches);
        Assert.Equal(100, new FileInfo(path).Length);
        Assert.EndsWith("a.steps.parquet", path, StringComparison.Ordinal);
        Assert.Equal(100, _cache.Bytes);
    }

    [Fact]
    public async Task PathAsync_WhenManyAskAtOnce_FetchesOnceAndCancelsForNobodyElse()
    {
        var gate = new Gate();
        gate.Close();
        using var impatient = new CancellationTokenSource();
        var asked = Enumerable.Range(0, 8).Select(i => _cache.PathAsync(
            "a",
            async path =>
            {
                await gate.PassAsync();
                await FillAsync(path, 10);
            },
            i == 0 ? impatient.Token : _token).AsTask()).ToList();
        await gate.ArrivalAsync("the fetch");
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asked[0]);
        gate.Open();

        Assert.Single((await Task.WhenAll(asked.Skip(1))).Distinct());
        Assert.Equal(1, _fetches);
    }

    [Fact]
    public async Task PathAsync_BeyondTheLimit_DropsTheLeastRecentlyUsed()
    {
        var paths = new List<string>();
        for (var i = 0; i < 4; i++) paths.Add(await PathAsync($"f{i}", 300));
        // Told a moment ago: they stay, whatever the limit.
        Assert.Equal(1200, _cache.Bytes);
        _time.Advance(FileCache.Held);
        await PathAsync("f0", 300);
        await PathAsync("new", 300);

        Assert.Equal([true, false, false, true], paths.Select(File.Exists));
        Assert.Equal(900, _cache.Bytes);
        await PathAsync("f1", 300);
        Assert.Equal(6, _fetches);
    }

    [Fact]
    public async Task TryOpen_WhileOthersCome_PinsTheFile()
    {
        Assert.Null(_cache.TryOpen("a"));
        var path = await PathAsync("a", 900);
        var open = _cache.TryOpen("a")!;
        _time.Advance(FileCache.Held);
        await PathAsync("b", 900);
        Assert.True(File.Exists(path));
        Assert.Equal(900, open.Length);
        _time.Advance(FileCache.Held);
        await open.DisposeAsync();

        Assert.False(File.Exists(path));
        Assert.Equal(900, _cache.Bytes);
    }

    [Fact]
    public async Task Forget_OfAnOpenFile_LetsItsReaderFinish()
    {
        var path = await PathAsync("a", 10);
        await using var open = _cache.TryOpen("a")!;
        _cache.Forget("a");

        Assert.False(File.Exists(path));
        Assert.Equal(10, open.Read(new byte[20]));
        Assert.Equal(0, _cache.Bytes);
        Assert.Null(_cache.TryOpen("a"));
    }

    [Fact]
    public async Task PathAsync_WhenTheFetchFails_KeepsNothingAndTriesAgain()
    {
        await Assert.ThrowsAsync<FileNotFoundException>(async () => await _cache.PathAsync("a", static _ => throw new FileNotFoundException("gone"), _token));
        await Assert.ThrowsAsync<InvalidDataException>(async () => await _cache.PathAsync(
            "a",
            async path =>
            {
                await FillAsync(path, 5);
                throw new InvalidDataException("torn");
            },
            _token));
        Assert.Equal(0, _cache.Bytes);
        Assert.Empty(Files());

        Assert.Equal(7, new FileInfo(await PathAsync("a", 7)).Length);
    }

    [Fact]
    public async Task File_ThatNobodyAsksFor_IsDeletedAfterAnHour()
    {
        var path = await PathAsync("a", 10);
        _time.Advance(FileCache.Unused + TimeSpan.FromMinutes(5));

        Assert.False(File.Exists(path));
        Assert.Equal(0, _cache.Bytes);
    }

    [Fact]
    public async Task Adopt_OfAWrittenFile_IsItsCopy()
    {
        var temporary = _cache.NewTemporary();
        await File.WriteAllBytesAsync(temporary, new byte[42], _token);
        _cache.Adopt("projects/p/a.parquet", temporary);

        Assert.False(File.Exists(temporary));
        Assert.Equal(42, new FileInfo(await PathAsync("projects/p/a.parquet", 1)).Length);
        Assert.Equal(0, _fetches);
    }

    [Fact]
    public async Task Start_BesideOthers_LeavesTheLivingAndDeletesTheDead()
    {
        var mine = await PathAsync("a", 10);
        var dead = Directory.CreateDirectory(Path.Combine(_directory.Path, "dead", "files")).Parent!.FullName;
        await File.WriteAllBytesAsync(Path.Combine(dead, "in-use"), [], _token);
        await File.WriteAllBytesAsync(Path.Combine(dead, "files", "b"), new byte[10], _token);
        var foreign = Directory.CreateDirectory(Path.Combine(_directory.Path, "photos")).FullName;
        using (new FileCache(_directory.Path, Limit, _time))
        {
            Assert.True(File.Exists(mine));
            Assert.False(Directory.Exists(dead));
            Assert.True(Directory.Exists(foreign));
        }

        Assert.True(File.Exists(mine));
    }

    public void Dispose()
    {
        _cache.Dispose();
        Assert.Empty(Files());
        _directory.Dispose();
    }

    private IEnumerable<string> Files() => Directory.EnumerateFiles(_directory.Path, "*", SearchOption.AllDirectories).Where(static f => Path.GetFileName(f) != "in-use");

    private ValueTask<string> PathAsync(string name, int bytes) => _cache.PathAsync(name, path => FillAsync(path, bytes), _token);

    private Task FillAsync(string path, int bytes)
    {
        Interlocked.Increment(ref _fetches);
        return File.WriteAllBytesAsync(path, new byte[bytes], _token);
    }
}
