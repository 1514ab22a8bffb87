using System.Net;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Data.Tables;
using Orleans.Runtime;
using Orleans.Storage;
using Rollbook.Azure;
using Rollbook.Testing;
using Xunit;

namespace Rollbook.Grains.Tests.Azure.Membership;

public sealed class AzureTablesMembershipTests(Azurite azurite)
{
    private const string Cluster = "cluster";
    private static readonly DateTime Now = new(2026, 8, 1, 12, 30, 15, 250, DateTimeKind.Utc);

    [Fact]
    public async Task InsertRow_WritesTheOfficialRows()
    {
        var tables = AzuriteTables.Connect(AzuriteTables.Options(azurite));
        var (table, _) = AzureStores.Membership(tables, Cluster);
        await table.InitializeMembershipTableAsync(true);
        var silo = Silo(7);
        silo.SuspectTimes = [Tuple.Create(Silo(8).SiloAddress, Now), Tuple.Create(Silo(9).SiloAddress, Now.AddSeconds(1))];
        Assert.True(await table.InsertRowAsync(silo, (await table.ReadAllAsync()).Version.Next()));

        Assert.Equal(
            [
                "!Start: DeploymentId=cluster MembershipVersion=1 Status=Active",
                "127.0.0.1-11111-7: Address=127.0.0.1 DeploymentId=cluster FaultZone=2 Generation=7 HostName=host IAmAliveTime=2026-08-01 12:30:15.250 GMT InstanceName=Silo-1 Port=11111 "
                + "ProxyPort=30000 RoleName=role SiloName=Silo-1 StartTime=2026-08-01 12:30:15.250 GMT Status=Joining SuspectingSilos=127.0.0.1:11111@8|127.0.0.1:11111@9 "
                + "SuspectingTimes=2026-08-01 12:30:15.250 GMT|2026-08-01 12:30:16.250 GMT UpdateZone=1",
                "VersionRow: DeploymentId=cluster MembershipVersion=1",
                "~End: DeploymentId=cluster MembershipVersion=1 Status=Active",
            ],
            await RowsAsync(tables.Membership));
    }

    [Fact]
    public async Task ReadAll_OfRowsThatAnOlderReleaseWrote_ReadsThem()
    {
        var tables = AzuriteTables.Connect(AzuriteTables.Options(azurite));
        await tables.Membership.CreateIfNotExistsAsync();
        // No boundary rows, the name in the old column, columns left out.
        await tables.Membership.AddEntityAsync(new TableEntity(Cluster, "VersionRow") { ["DeploymentId"] = Cluster, ["MembershipVersion"] = "41" });
        await tables.Membership.AddEntityAsync(new TableEntity(Cluster, "127.0.0.1-11111-7")
        {
            ["Address"] = "127.0.0.1", ["Port"] = "11111", ["Generation"] = "7", ["Status"] = "Active", ["InstanceName"] = "old", ["IAmAliveTime"] = "2026-08-01 12:30:15.250 GMT",
        });
        await tables.Membership.AddEntityAsync(new TableEntity(Cluster, "127.0.0.1-11111-8") { ["Address"] = "127.0.0.1", ["Status"] = "Unheard" });
        var (table, _) = AzureStores.Membership(tables, Cluster);
        await table.InitializeMembershipTableAsync(true);

        var data = await table.ReadAllAsync();
        Assert.Equal(41, data.Version.Version);
        var (silo, etag) = Assert.Single(data.Members);
        Assert.Equal(("old", SiloStatus.Active, Now, 0), (silo.SiloName, silo.Status, silo.IAmAliveTime, silo.ProxyPort));
        Assert.True(await table.UpdateRowAsync(silo, etag, data.Version.Next()));
        Assert.Equal(42, (await table.ReadAllAsync()).Version.Version);
    }

    [Fact]
    public async Task ReadAll_OfManyPages_IsOneMoment()
    {
        var options = AzuriteTables.Options(azurite);
        var between = new BetweenPages();
        var (writer, _) = AzureStores.Membership(AzuriteTables.Connect(options), Cluster);
        var (reader, _) = AzureStores.Membership(AzuriteTables.Connect(options, between), Cluster, pageSize: 2);
        await writer.InitializeMembershipTableAsync(true);
        for (var i = 1; i <= 4; i++) Assert.True(await writer.InsertRowAsync(Silo(i), (await writer.ReadAllAsync()).Version.Next()));

        // The first silo was on the first page: without the look at the versions it would be given as it was, beside a newer version.
        between.Once = () => KillAsync(writer, Silo(1).SiloAddress);
        var read = await reader.ReadAllAsync();

        Assert.Null(between.Once);
        Assert.Equal(5, read.Version.Version);
        Assert.Equal(SiloStatus.Dead, read.TryGet(Silo(1).SiloAddress)!.Item1.Status);
        Assert.Equal(4, read.Members.Count);
    }

    [Fact]
    public async Task ReadRow_OfTwoPages_IsOneMoment()
    {
        var options = AzuriteTables.Options(azurite);
        var between = new BetweenPages();
        var (writer, _) = AzureStores.Membership(AzuriteTables.Connect(options), Cluster);
        var (reader, _) = AzureStores.Membership(AzuriteTables.Connect(options, between), Cluster, pageSize: 1);
        await writer.InitializeMembershipTableAsync(true);
        for (var i = 1; i <= 2; i++) Assert.True(await writer.InsertRowAsync(Silo(i), (await writer.ReadAllAsync()).Version.Next()));
        between.Once = () => KillAsync(writer, Silo(1).SiloAddress);

        var read = await reader.ReadRowAsync(Silo(1).SiloAddress);
        Assert.Null(between.Once);
        Assert.Equal(3, read.Version.Version);
        Assert.Equal(SiloStatus.Dead, Assert.Single(read.Members).Item1.Status);
    }

    [Fact]
    public async Task ReadAll_WhenEachReadIsOvertaken_GivesUp()
    {
        var options = AzuriteTables.Options(azurite);
        var between = new BetweenPages();
        var (writer, _) = AzureStores.Membership(AzuriteTables.Connect(options), Cluster);
        var (reader, _) = AzureStores.Membership(AzuriteTables.Connect(options, between), Cluster, pageSize: 2);
        await writer.InitializeMembershipTableAsync(true);
        for (var i = 1; i <= 4; i++) Assert.True(await writer.InsertRowAsync(Silo(i), (await writer.ReadAllAsync()).Version.Next()));
        var overtaken = 0;
        between.Always = async () =>
        {
            overtaken++;
            Assert.True(await writer.InsertRowAsync(Silo(100 + overtaken), (await writer.ReadAllAsync()).Version.Next()));
        };

        await Assert.ThrowsAsync<InconsistentStateException>(() => reader.ReadAllAsync());
        Assert.Equal(5, overtaken);
    }

    [Fact]
    public async Task InsertRow_WhenNoAnswerComes_ThrowsAndIsNotSentAgain()
    {
        var options = AzuriteTables.Options(azurite);
        var faults = new TableFaults();
        var (table, _) = AzureStores.Membership(AzuriteTables.Connect(options, faults), Cluster);
        await table.InitializeMembershipTableAsync(true);
        var next = (await table.ReadAllAsync()).Version.Next();
        faults.LoseWrite(sent: true);
        var before = faults.Calls;

        await Assert.ThrowsAsync<IOException>(() => table.InsertRowAsync(Silo(1), next));
        Assert.Equal(before + 1, faults.Calls);
        Assert.Single((await table.ReadAllAsync()).Members);
    }

    [Fact]
    public async Task ReadAll_WithoutAVersionRow_ThrowsAndIsNoEmptyCluster()
    {
        var (table, _) = AzureStores.Membership(AzuriteTables.Connect(AzuriteTables.Options(azurite)), Cluster);
        await table.InitializeMembershipTableAsync(false);

        await Assert.ThrowsAsync<OrleansException>(() => table.ReadAllAsync());
        await Assert.ThrowsAsync<OrleansException>(() => table.ReadRowAsync(Silo(1).SiloAddress));
    }

    [Fact]
    public async Task InitializeMembershipTable_WhenItMayMakeNoTable_NamesTheCure()
    {
        var options = AzuriteTables.Options(azurite);
        options.CreateTables = false;
        var (table, _) = AzureStores.Membership(AzuriteTables.Connect(options), Cluster);

        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => table.InitializeMembershipTableAsync(true));
        Assert.Contains("TableNotFound", refused.Message);
        Assert.Contains("Rollbook:Azure:CreateTables", refused.Message);
        Assert.DoesNotContain("AccountKey", refused.Message);
    }

    private static async Task KillAsync(IMembershipTable table, SiloAddress address)
    {
        var data = await table.ReadAllAsync();
        var (silo, etag) = data.TryGet(address)!;
        silo.Status = SiloStatus.Dead;
        Assert.True(await table.UpdateRowAsync(silo, etag, data.Version.Next()));
    }

    private static async Task<List<string>> RowsAsync(TableClient table)
    {
        var rows = new List<string>();
        await foreach (var row in table.QueryAsync<TableEntity>())
        {
            var columns = row.Where(column => column.Key is not ("PartitionKey" or "RowKey" or "Timestamp") && !column.Key.StartsWith("odata", StringComparison.Ordinal));
            rows.Add($"{row.RowKey}: {string.Join(' ', columns.OrderBy(column => column.Key, StringComparer.Ordinal).Select(column => $"{column.Key}={column.Value}"))}");
        }

        return rows;
    }

    private static MembershipEntry Silo(int generation) => new()
    {
        SiloAddress = SiloAddress.New(IPAddress.Loopback, 11111, generation),
        HostName = "host",
        SiloName = "Silo-1",
        RoleName = "role",
        Status = SiloStatus.Joining,
        ProxyPort = 30000,
        UpdateZone = 1,
        FaultZone = 2,
        StartTime = Now,
        IAmAliveTime = Now,
    };

    /// <summary>Does something before the second page of a read.</summary>
    private sealed class BetweenPages : HttpPipelinePolicy
    {
        private bool _followed;

        public Func<Task>? Once { get; set; }

        public Func<Task>? Always { get; set; }

        public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline) => throw new NotSupportedException();

        public override async ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
        {
            var follows = message.Request.Uri.Query.Contains("NextRowKey", StringComparison.Ordinal);
            if (follows && !_followed)
            {
                var once = Once;
                Once = null;
                if (once is not null) await once();
                if (Always is not null) await Always();
            }

            _followed = follows;
            await ProcessNextAsync(message, pipeline);
        }
    }
}
