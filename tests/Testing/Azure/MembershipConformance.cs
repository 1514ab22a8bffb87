using System.Net;
using Orleans.Messaging;
using Orleans.Runtime;
using Xunit;

namespace Rollbook.Testing;

/// <summary>
/// What Orleans expects of every <see cref="IMembershipTable"/> and its <see cref="IGatewayListProvider"/>: the cases of its own <c>MembershipTableTestsBase</c>, by their names there, and a few of ours.
/// </summary>
/// <param name="open">Opens table and gateways of a cluster that is new in each test.</param>
public abstract class MembershipConformance(Func<string, (IMembershipTable Table, IGatewayListProvider Gateways)> open)
{
    private static readonly DateTime Now = new(2026, 8, 1, 12, 30, 15, DateTimeKind.Utc);
    private readonly string _cluster = Azurite.NewName("cluster-");
    private int _generation;

    [Fact]
    public async Task GetGateways()
    {
        var (table, gateways) = await OpenAsync();
        var silos = Enumerable.Range(0, 10).Select(_ => Silo()).ToArray();
        silos[3].Status = silos[5].Status = silos[9].Status = SiloStatus.Active;
        silos[3].ProxyPort = 0;
        foreach (var silo in silos) await InsertedAsync(table, silo);

        var found = await gateways.GetGatewaysAsync();
        Assert.Equal(
            new[] { silos[5], silos[9] }.Select(silo => SiloAddress.New(silo.SiloAddress.Endpoint.Address, silo.ProxyPort, silo.SiloAddress.Generation).ToGatewayUri()).Order(UriOrder),
            found.Order(UriOrder));
    }

    [Fact]
    public async Task ReadAll_EmptyTable()
    {
        var data = await (await OpenAsync()).Table.ReadAllAsync();

        Assert.Empty(data.Members);
        Assert.Equal(0, data.Version.Version);
        Assert.NotNull(data.Version.VersionEtag);
    }

    [Fact]
    public async Task InsertRow()
    {
        var (table, _) = await OpenAsync();
        var data = await InsertedAsync(table, Silo());

        Assert.Equal(1, data.Version.Version);
        Assert.Single(data.Members);
    }

    [Fact]
    public async Task ReadRow_Insert_Read()
    {
        var (table, _) = await OpenAsync();
        var first = (await table.ReadAllAsync()).Version.Next();
        var silo = Silo();
        Assert.True(await table.InsertRowAsync(silo, first));

        Assert.False(await table.InsertRowAsync(silo, first), "the same silo under an old version");
        Assert.False(await table.InsertRowAsync(Silo(), first), "another silo under an old version");
        Assert.False(await table.InsertRowAsync(silo, (await table.ReadAllAsync()).Version.Next()), "the same silo again");

        Assert.Single((await table.ReadAllAsync()).Members);
        var read = await table.ReadRowAsync(silo.SiloAddress);
        Assert.Equal(1, read.Version.Version);
        Assert.NotEqual(first.VersionEtag, read.Version.VersionEtag);
        var (entry, etag) = Assert.Single(read.Members);
        Assert.Equal(silo.ToFullString(), entry.ToFullString());
        Assert.False(string.IsNullOrEmpty(etag));
    }

    [Fact]
    public async Task ReadRow_OfAnotherSilo_HasTheVersionAlone()
    {
        var (table, _) = await OpenAsync();
        await InsertedAsync(table, Silo());

        var read = await table.ReadRowAsync(Silo().SiloAddress);
        Assert.Empty(read.Members);
        Assert.Equal(1, read.Version.Version);
    }

    [Fact]
    public async Task ReadAll_Insert_ReadAll()
    {
        var (table, _) = await OpenAsync();
        var first = (await table.ReadAllAsync()).Version.Next();
        var silo = Silo();
        Assert.True(await table.InsertRowAsync(silo, first));

        var data = await table.ReadAllAsync();
        Assert.Equal(first.Version, data.Version.Version);
        Assert.NotEqual(first.VersionEtag, data.Version.VersionEtag);
        var (entry, etag) = Assert.Single(data.Members);
        Assert.Equal(silo.ToFullString(), entry.ToFullString());
        Assert.Equal(silo.SiloAddress, entry.SiloAddress);
        Assert.False(string.IsNullOrEmpty(etag));
    }

    [Fact]
    public async Task UpdateRow()
    {
        var (table, _) = await OpenAsync();
        for (var i = 1; i < 10; i++)
        {
            var silo = Silo();
            silo.SuspectTimes = [Tuple.Create(Silo().SiloAddress, Now.AddSeconds(1)), Tuple.Create(Silo().SiloAddress, Now.AddSeconds(2))];
            var old = (await table.ReadAllAsync()).Version.Next();
            Assert.True(await table.InsertRowAsync(silo, old));
            var inserted = (await table.ReadRowAsync(silo.SiloAddress)).Members[0].Item2;

            Assert.False(await table.UpdateRowAsync(silo, inserted, old), "the right row under an old version");
            silo.Status = SiloStatus.Active;
            var next = (await table.ReadAllAsync()).Version.Next();
            Assert.True(await table.UpdateRowAsync(silo, inserted, next));
            Assert.False(await table.UpdateRowAsync(silo, inserted, next), "an old row under an old version");
            Assert.False(await table.UpdateRowAsync(silo, inserted, (await table.ReadAllAsync()).Version.Next()), "an old row under the right version");

            var data = await table.ReadAllAsync();
            var (entry, updated) = data.TryGet(silo.SiloAddress)!;
            Assert.Equal(silo.ToFullString(), entry.ToFullString());
            Assert.NotEqual(inserted, updated);
            Assert.False(await table.UpdateRowAsync(silo, updated, next), "the right row under an old version");
            Assert.Equal(updated, (await table.ReadAllAsync()).TryGet(silo.SiloAddress)!.Item2);
            Assert.Equal(2 * i, data.Version.Version);
            Assert.Equal(i, data.Members.Count);
        }
    }

    [Fact]
    public async Task UpdateRow_OfASiloThatIsNotThere_IsAConflict()
    {
        var (table, _) = await OpenAsync();
        var data = await InsertedAsync(table, Silo());

        Assert.False(await table.UpdateRowAsync(Silo(), data.Members[0].Item2, data.Version.Next()));
        Assert.Equal(1, (await table.ReadAllAsync()).Version.Version);
    }

    [Fact]
    public async Task UpdateRowInParallel()
    {
        var (table, _) = await OpenAsync();
        var silo = Silo();
        var first = (await table.ReadAllAsync()).Version.Next();
        Assert.Single(await AtOnceAsync(20, () => table.InsertRowAsync(silo, first)), inserted => inserted);

        await AtOnceAsync(19, async () =>
        {
            while (true)
            {
                var data = await table.ReadAllAsync();
                var (entry, etag) = data.TryGet(silo.SiloAddress)!;
                if (await table.UpdateRowAsync(entry, etag, data.Version.Next())) return true;
            }
        });

        Assert.Equal(20, (await table.ReadAllAsync()).Version.Version);
        Assert.Single((await table.ReadAllAsync()).Members);
    }

    [Fact]
    public async Task UpdateIAmAlive()
    {
        var (table, _) = await OpenAsync();
        var silo = Silo();
        var before = await InsertedAsync(table, silo);
        var alive = Now.AddSeconds(5.25);
        await table.UpdateIAmAliveAsync(new MembershipEntry { SiloAddress = silo.SiloAddress, IAmAliveTime = alive });

        var data = await table.ReadAllAsync();
        var entry = Assert.Single(data.Members).Item1;
        Assert.Equal(alive, entry.IAmAliveTime);
        Assert.Equal(before.Version.Version, data.Version.Version);
        silo.IAmAliveTime = alive;
        Assert.Equal(silo.ToFullString(), entry.ToFullString());
    }

    [Fact]
    public async Task UpdateIAmAlive_OfASiloThatIsNotThere_Throws()
    {
        var (table, _) = await OpenAsync();

        await Assert.ThrowsAnyAsync<Exception>(() => table.UpdateIAmAliveAsync(Silo()));
        Assert.Empty((await table.ReadAllAsync()).Members);
    }

    [Fact]
    public async Task CleanupDefunctSiloEntries()
    {
        var (table, _) = await OpenAsync();
        var kept = new List<SiloAddress>();
        foreach (var status in Enum.GetValues<SiloStatus>())
        {
            var old = Silo(status, days: -10);
            var young = Silo(status);
            await InsertedAsync(table, old);
            await InsertedAsync(table, young);
            kept.Add(young.SiloAddress);
            if (status == SiloStatus.Active) kept.Add(old.SiloAddress);
        }

        var before = await table.ReadAllAsync();
        await table.CleanupDefunctSiloEntriesAsync(Now.AddDays(-7));

        var data = await table.ReadAllAsync();
        Assert.Equal(kept.Order(), data.Members.Select(member => member.Item1.SiloAddress).Order());
        Assert.Equal(before.Version, data.Version);
    }

    [Fact]
    public async Task DeleteMembershipTableEntries_OfOneCluster_LeavesTheOther()
    {
        var (table, _) = await OpenAsync();
        var (other, _) = open(_cluster + "-other");
        await other.InitializeMembershipTableAsync(true);
        await InsertedAsync(table, Silo());
        await InsertedAsync(other, Silo());
        await table.DeleteMembershipTableEntriesAsync(_cluster);

        await table.InitializeMembershipTableAsync(true);
        Assert.Empty((await table.ReadAllAsync()).Members);
        Assert.Single((await other.ReadAllAsync()).Members);
    }

    [Fact]
    public async Task InitializeMembershipTable_ByManyAtOnce_MakesOneTable()
    {
        await AtOnceAsync(10, async () =>
        {
            await open(_cluster).Table.InitializeMembershipTableAsync(true);
            return true;
        });
        var (table, _) = open(_cluster);
        await InsertedAsync(table, Silo());
        await table.InitializeMembershipTableAsync(true);

        Assert.Equal(1, (await table.ReadAllAsync()).Version.Version);
    }

    private static Comparer<Uri> UriOrder => Comparer<Uri>.Create(static (a, b) => string.CompareOrdinal(a.ToString(), b.ToString()));

    private async Task<(IMembershipTable Table, IGatewayListProvider Gateways)> OpenAsync()
    {
        var (table, gateways) = open(_cluster);
        await table.InitializeMembershipTableAsync(true);
        await gateways.InitializeGatewayListProviderAsync();
        return (table, gateways);
    }

    private static async Task<MembershipTableData> InsertedAsync(IMembershipTable table, MembershipEntry silo)
    {
        Assert.True(await table.InsertRowAsync(silo, (await table.ReadAllAsync()).Version.Next()));
        return await table.ReadAllAsync();
    }

    private MembershipEntry Silo(SiloStatus status = SiloStatus.Joining, int days = 0) => new()
    {
        SiloAddress = SiloAddress.New(IPAddress.Loopback, 12345, ++_generation),
        HostName = "host",
        SiloName = "Silo-1",
        Status = status,
        ProxyPort = 30000 + _generation,
        StartTime = Now.AddDays(days),
        IAmAliveTime = Now.AddDays(days),
    };

    private static Task<T[]> AtOnceAsync<T>(int count, Func<Task<T>> call) => Task.WhenAll(Enumerable.Range(0, count).Select(_ => Task.Run(call)));
}
