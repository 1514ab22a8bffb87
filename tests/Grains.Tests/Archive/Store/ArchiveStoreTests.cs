using Rollbook.Archive;
using Rollbook.Testing;
using Xunit;

namespace Rollbook.Grains.Tests.Archive;

public sealed class MemoryArchiveStoreTests() : ArchiveStoreConformance(new MemoryArchiveSubject());

public sealed class LocalArchiveStoreTests() : ArchiveStoreConformance(LocalArchive.Subject());

/// <summary>The suite sees a store that lacks a law: without these tests a suite that checks nothing would pass.</summary>
public sealed class BrokenArchiveStoreTests
{
    [Fact]
    public async Task ArchiveStoreConformance_WithoutETags_FailsWhereTheyMatter() => Assert.Equal(
        [
            nameof(ArchiveStoreConformance.Reopen_WhenWritten_KeepsObjectsAndETags),
            nameof(ArchiveStoreConformance.ReplaceAsync_OfWhatWasPut_TakesItsETag),
            nameof(ArchiveStoreConformance.ReplaceAsync_WhenManyInsertAtOnce_OneWins),
            nameof(ArchiveStoreConformance.ReplaceAsync_WhenManyReplaceAtOnce_OneWins),
            nameof(ArchiveStoreConformance.ReplaceAsync_WhenNew_InsertsOnlyOnce),
            nameof(ArchiveStoreConformance.ReplaceAsync_WithAStaleETag_LosesAndKeepsTheNewer),
            nameof(ArchiveStoreConformance.ReplaceAsync_WithAnETagButAbsent_LosesAndStoresNothing),
        ],
        // Whether the counts in turns meet is a matter of the threads.
        (await Suite.FailuresAsync(() => new Etagless())).Except([nameof(ArchiveStoreConformance.ReplaceAsync_WhenManyCountInTurns_NoCountIsLost)]));

    [Fact]
    public async Task ArchiveStoreConformance_WithPutsThatReplace_FailsWhereTheyMatter() => Assert.Equal(
        [
            nameof(ArchiveStoreConformance.PutAsync_WhenEmpty_IsAnEmptyObject),
            nameof(ArchiveStoreConformance.PutAsync_WhenManyAtOnce_OneWinsWithItsOwnBytes),
            nameof(ArchiveStoreConformance.PutAsync_WhenPresent_AnswersFalseAndKeepsTheFirst),
            nameof(ArchiveStoreConformance.Reopen_WhenWritten_KeepsObjectsAndETags),
        ],
        await Suite.FailuresAsync(() => new Overwriting()));

    [Fact]
    public async Task ArchiveStoreConformance_WithTornObjects_FailsWhereTheyMatter() => Assert.Equal(
        [nameof(ArchiveStoreConformance.PutAsync_WhenTheWriterFails_LeavesNothingAndTheNameFree)],
        await Suite.FailuresAsync(() => new Torn()));

    private sealed class Etagless() : ArchiveStoreConformance(LocalArchive.Subject(store => new EtaglessArchiveStore(store)));

    private sealed class Overwriting() : ArchiveStoreConformance(LocalArchive.Subject(store => new OverwritingArchiveStore(store)));

    private sealed class Torn() : ArchiveStoreConformance(LocalArchive.Subject(store => new TornArchiveStore(store)));
}
