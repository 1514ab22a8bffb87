using Rollbook.StepLog;
using Rollbook.Testing;
using Xunit;

namespace Rollbook.Grains.Tests.Embedded;

/// <summary>The suites see a provider without ETag conditions: without these tests a suite that checks nothing would pass.</summary>
public sealed class BrokenProviderTests(GrainStorageCluster silo) : IClassFixture<GrainStorageCluster>
{
    [Fact]
    public async Task HeaderStoreConformance_WithoutConditions_FailsWhereTheyMatter() => Assert.Equal(
        [
            nameof(HeaderStoreConformance.Reopen_WhenWritten_KeepsHeadersAndETags),
            nameof(HeaderStoreConformance.WriteAsync_WhenManyInsertAtOnce_OneWins),
            nameof(HeaderStoreConformance.WriteAsync_WhenManyReplaceAtOnce_OneWins),
            nameof(HeaderStoreConformance.WriteAsync_WhenNewButPresent_LosesAndKeepsTheFirst),
            nameof(HeaderStoreConformance.WriteAsync_WithAStaleETag_LosesAndKeepsTheNewer),
            nameof(HeaderStoreConformance.WriteAsync_WithAnETagButAbsent_LosesAndStoresNothing),
            nameof(HeaderStoreConformance.WriteAsync_WithAnotherHeadersETag_Loses),
        ],
        // Whether the claims in turns meet is a matter of the threads.
        (await Suite.FailuresAsync(() => new BrokenHeaderStore())).Except([nameof(HeaderStoreConformance.WriteAsync_WhenManyClaimInTurns_NoTermIsLost)]));

    [Fact]
    public async Task LogRegistryConformance_WithoutConditions_FailsWhereTheyMatter() => Assert.Equal(
        [
            nameof(LogRegistryConformance.InsertAsync_WhenManyAtOnce_OneWins),
            nameof(LogRegistryConformance.InsertAsync_WhenPresent_LosesAndKeepsTheFirst),
            nameof(LogRegistryConformance.Reopen_WhenWritten_KeepsRowsAndETags),
            nameof(LogRegistryConformance.ReplaceAsync_WhenManyAtOnce_OneWins),
            nameof(LogRegistryConformance.ReplaceAsync_WithAStaleETag_LosesAndKeepsTheNewer),
            nameof(LogRegistryConformance.ReplaceAsync_WithoutAnETag_LosesAndKeepsTheRow),
        ],
        await Suite.FailuresAsync(() => new BrokenLogRegistry()));

    [Fact]
    public async Task GrainStorageConformance_WithoutConditions_FailsWhereTheyMatter() => Assert.Equal(
        [
            nameof(GrainStorageConformance.ClearInconsistentFailsWithInconsistentStateException),
            nameof(GrainStorageConformance.EverySequence_UpToDepthFour_MatchesTheModel),
            nameof(GrainStorageConformance.WriteDuplicateFailsWithInconsistentStateException),
            nameof(GrainStorageConformance.WriteInconsistentFailsWithInconsistentStateException),
        ],
        await Suite.FailuresAsync(() => new BrokenGrainStorage(silo)));

    [Fact]
    public async Task GrainStorageConformance_OfOrleansMemoryStorage_FailsOnlyWhereThatIsLax() => Assert.Equal(
        [
            // It takes a write with any ETag where it has no record. All else passes, so the suite asks what Orleans itself does.
            nameof(GrainStorageConformance.EverySequence_UpToDepthFour_MatchesTheModel),
            nameof(GrainStorageConformance.WriteInconsistentFailsWithInconsistentStateException),
        ],
        await Suite.FailuresAsync(() => new OrleansMemoryStorage(silo)));

    private sealed class BrokenHeaderStore() : HeaderStoreConformance(new MemorySubject<Rollbook.Episodes.IHeaderStore>(new EtaglessHeaderStore(new MemoryHeaderStore())));

    private sealed class BrokenLogRegistry() : LogRegistryConformance(new MemorySubject<ILogRegistry>(new EtaglessLogRegistry(new MemoryLogRegistry())));

    private sealed class BrokenGrainStorage(GrainStorageCluster silo) : GrainStorageConformance(new EtaglessGrainStorage(silo["sqlite"]));

    private sealed class OrleansMemoryStorage(GrainStorageCluster silo) : GrainStorageConformance(silo["memory"]);
}
