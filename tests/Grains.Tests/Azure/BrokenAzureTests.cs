using Rollbook.Testing;
using Xunit;

namespace Rollbook.Grains.Tests.Azure;

/// <summary>The suites see the same providers without their conditions: each call's <c>If-Match</c> becomes "whatever is there" on its way to the service.</summary>
public sealed class BrokenAzureTests(Azurite azurite)
{
    [Fact]
    public async Task HeaderStoreConformance_WithoutConditions_FailsWhereTheyMatter() => Assert.Equal(
        [
            nameof(HeaderStoreConformance.Reopen_WhenWritten_KeepsHeadersAndETags),
            nameof(HeaderStoreConformance.WriteAsync_WhenManyReplaceAtOnce_OneWins),
            nameof(HeaderStoreConformance.WriteAsync_WithAStaleETag_LosesAndKeepsTheNewer),
            nameof(HeaderStoreConformance.WriteAsync_WithAnotherHeadersETag_Loses),
        ],
        // Whether the claims in turns meet is a matter of the threads.
        (await Suite.FailuresAsync(() => new BrokenHeaders(azurite))).Except([nameof(HeaderStoreConformance.WriteAsync_WhenManyClaimInTurns_NoTermIsLost)]));

    [Fact]
    public async Task LogRegistryConformance_WithoutConditions_FailsWhereTheyMatter() => Assert.Equal(
        [nameof(LogRegistryConformance.ReplaceAsync_WhenManyAtOnce_OneWins)],
        await Suite.FailuresAsync(() => new BrokenRegistry(azurite)));

    [Fact]
    public async Task GrainStorageConformance_WithoutConditions_FailsWhereTheyMatter() => Assert.Equal(
        [
            nameof(GrainStorageConformance.ClearInconsistentFailsWithInconsistentStateException),
            nameof(GrainStorageConformance.EverySequence_UpToDepthFour_MatchesTheModel),
            nameof(GrainStorageConformance.WriteInconsistentFailsWithInconsistentStateException),
        ],
        await Suite.FailuresAsync(() => new BrokenState(azurite)));

    [Fact]
    public async Task MembershipConformance_WithoutConditions_FailsWhereTheyMatter() => Assert.Equal(
        [
            nameof(MembershipConformance.ReadRow_Insert_Read),
            nameof(MembershipConformance.UpdateRow),
            nameof(MembershipConformance.UpdateRowInParallel),
        ],
        await Suite.FailuresAsync(() => new BrokenMembership(azurite)));

    private sealed class BrokenHeaders(Azurite azurite) : HeaderStoreConformance(AzureStores.Headers(azurite, new ConditionlessTables()));

    private sealed class BrokenRegistry(Azurite azurite) : LogRegistryConformance(AzureStores.Registry(azurite, new ConditionlessTables()));

    private sealed class BrokenState(Azurite azurite) : GrainStorageConformance(AzureStores.State(azurite, false, new ConditionlessTables()));

    private sealed class BrokenMembership(Azurite azurite) : MembershipConformance(AzureStores.Membership(azurite, null, new ConditionlessTables()));
}
