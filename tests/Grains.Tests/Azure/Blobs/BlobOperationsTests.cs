using Azure.Core;
using Azure.Core.Pipeline;
using Rollbook.Episodes;
using Rollbook.Grains.Tests.StepLog.Commit;
using Rollbook.StepLog;
using Rollbook.Testing;
using Xunit;

namespace Rollbook.Grains.Tests.Azure.Blobs;

/// <summary>What a log over blobs sends: as many requests as it has chunks, each one Put Blob.</summary>
public sealed class BlobOperationsTests(Azurite azurite)
{
    private const int Steps = 4000;

    [Fact]
    public async Task Log_OverBlobs_SendsOneRequestAChunk()
    {
        var requests = new CountRequests();
        var container = AzuriteBlobs.NewContainer(azurite, requests);
        using var meter = new StepLogMeter();
        var (options, time) = (new ObjectStepLogOptions(), TimeProvider.System);
        var log = new WriteAheadLog(
            LogId.New(time), new ObjectStepLogStorage(container, options, time, 1), new ObjectLogIndexStore(container, options, time, 2),
            new StepLogOptions { CommitMilliseconds = 50 }, time, meter);
        await log.StartAsync(CancellationToken.None);
        var claim = log.Begin(1, LogBench.Tail(new EpisodeKey(EpisodeKey.DefaultProject, new EpisodeId(7))), out var commit);
        await commit;
        log.Confirm(claim);
        requests.Reset();
        var began = log.DurableEnd;
        using var ticks = new PeriodicTimer(TimeSpan.FromMilliseconds(10), time);
        for (var sent = 0; sent < Steps; sent += 20)
        {
            await ticks.WaitForNextTickAsync();
            for (var i = 0; i < 20; i++) commit = log.Append(claim, FrameKind.Steps, 1, TestSteps.OfLength(1, 400).Bytes.Span);
        }

        await commit;
        var (puts, others) = (requests.Puts, requests.Others);
        var chunks = log.DurableEnd - began;
        await log.CloseAsync();

        Figures.Report("Objects", $"{Steps} steps at 2,000 a second over Azurite: {puts} Put Blob, {others} other requests, {puts * 1_000_000L / Steps} writes per million steps");
        Assert.Equal(chunks, puts);
        Assert.Equal(0, others);
        // 11,000 a million, and what the first and the last interval add.
        Assert.True(puts <= (Steps * 11 / 1000) + 4, $"{puts} writes for {Steps} steps");
    }

    private sealed class CountRequests : HttpPipelineSynchronousPolicy
    {
        private int _puts;
        private int _others;

        public int Puts => Volatile.Read(ref _puts);

        public int Others => Volatile.Read(ref _others);

        public void Reset() => (_puts, _others) = (0, 0);

        public override void OnSendingRequest(HttpMessage message)
        {
            var isPut = message.Request.Method == RequestMethod.Put && message.Request.Headers.Contains("x-ms-blob-type");
            Interlocked.Increment(ref isPut ? ref _puts : ref _others);
        }
    }
}
