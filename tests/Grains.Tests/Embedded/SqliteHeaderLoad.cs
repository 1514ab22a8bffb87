using System.Diagnostics;
using Rollbook.Embedded;
using Rollbook.Episodes;
using Rollbook.StepLog;
using Rollbook.Testing;
using Xunit;

namespace Rollbook.Grains.Tests.Embedded;

/// <summary>How many durable claims a second. Explicit: <c>-explicit only -class '*SqliteHeaderLoad'</c>, in a Release build.</summary>
public sealed class SqliteHeaderLoad(ITestOutputHelper output)
{
    private const int Headers = 300_000, Callers = 1000;

    [Fact(Explicit = true)]
    public async Task WriteAsync_OfAThousandCallers_Measured()
    {
        using var subject = new SqliteSubject<IHeaderStore>(database => new SqliteHeaderStore(database));
        var store = subject.Store;
        var log = new LogId(9);
        var headers = new EpisodeHeader[Headers];
        var random = new Random(1);
        var watch = Stopwatch.StartNew();
        await EachAsync(async caller =>
        {
            for (var i = caller; i < Headers; i += Callers) headers[i] = (await store.WriteAsync(Header(i, log), CancellationToken.None))!;
        });
        output.WriteLine($"inserts: {Headers / watch.Elapsed.TotalSeconds:N0}/s");

        var rounds = Enumerable.Range(0, Callers).Select(_ => random.Next()).ToArray();
        var cpu = Environment.CpuUsage.TotalTime;
        watch.Restart();
        const int PerCaller = 150;
        await EachAsync(async caller =>
        {
            var own = new Random(rounds[caller]);
            for (var turn = 0; turn < PerCaller; turn++)
            {
                var i = caller + (Callers * own.Next(Headers / Callers));
                var next = headers[i] with { Term = headers[i].Term + 1, Extents = [new Extent(1, log), new Extent(headers[i].Term + 1, log)] };
                headers[i] = (await store.WriteAsync(next, CancellationToken.None))!;
                Assert.NotNull(headers[i]);
            }
        });
        const int Claims = Callers * PerCaller;
        output.WriteLine(
            $"claims: {Claims / watch.Elapsed.TotalSeconds:N0}/s, {(Environment.CpuUsage.TotalTime - cpu).TotalMicroseconds / Claims:N1} us of CPU each, database {new FileInfo(subject.FilePath).Length >> 20} MiB");
        foreach (var header in headers.Where((_, i) => i % 1000 == 0)) Assert.Equal(header.ETag, (await store.ReadAsync(header.Key, CancellationToken.None))!.ETag);
    }

    private static EpisodeHeader Header(int i, LogId log) => new()
    {
        // Claims of old episodes come in any order: the ids are spread.
        Key = new EpisodeKey("default", new EpisodeId((UInt128)(uint)i * 0x9E3779B97F4A7C15 * 0x9E3779B97F4A7C15)),
        Term = 1,
        Owner = log,
        Extents = [new Extent(1, log)],
        Nonce = "0123456789abcdef0123456789abcdef",
    };

    private static Task EachAsync(Func<int, Task> caller) => Task.WhenAll(Enumerable.Range(0, Callers).Select(i => Task.Run(() => caller(i))));
}
