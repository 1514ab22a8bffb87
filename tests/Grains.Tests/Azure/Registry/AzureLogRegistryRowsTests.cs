using Azure.Data.Tables;
using Rollbook.Azure;
using Rollbook.StepLog;
using Rollbook.Testing;
using Xunit;

namespace Rollbook.Grains.Tests.Azure.Registry;

public sealed class AzureLogRegistryRowsTests(Azurite azurite)
{
    private static readonly CancellationToken None = CancellationToken.None;
    private readonly TableFaults _faults = new();
    private readonly TableOperations _operations = new();

    [Fact]
    public async Task ListAsync_OfLiveLogs_ReadsNoHistory()
    {
        var (registry, table) = await OpenAsync();
        for (var i = 1; i <= 1100; i++)
            Assert.True(await registry.InsertAsync(Row((UInt128)i) with { State = i <= 1098 ? LogState.Trimmed : LogState.Open }, None));
        _operations.Clear();

        var live = await registry.ListAsync([LogState.Open, LogState.Fencing, LogState.Fenced, LogState.Recovered], None);
        Assert.Equal([(UInt128)1099, 1100], live.Select(row => row.Log.Value));
        Assert.Single(_operations.Seen);

        Assert.Equal(1098, (await registry.ListAsync([LogState.Trimmed], None)).Count);
        Assert.Equal(1102, await RowsAsync(table));
    }

    [Fact]
    public async Task ReplaceAsync_WithTheETagOfAList_IsTheSameRows()
    {
        var (registry, _) = await OpenAsync();
        await registry.InsertAsync(Row(1), None);
        var listed = Assert.Single(await registry.ListAsync([LogState.Open], None));

        var fencing = await registry.ReplaceAsync(listed with { State = LogState.Fencing }, None);
        Assert.Equal(fencing, Assert.Single(await registry.ListAsync([LogState.Fencing], None)));
    }

    [Fact]
    public async Task ReplaceAsync_WithAReader_GivesItBackAndForgetsItAgain()
    {
        var (registry, _) = await OpenAsync();
        await registry.InsertAsync(Row(1), None);

        var named = await registry.ReplaceAsync((await registry.ReadAsync(new LogId(1), None))! with { Reader = new LogId(7) }, None);
        Assert.Equal(new LogId(7), named!.Reader);
        Assert.Equal(named, await registry.ReadAsync(new LogId(1), None));
        await registry.ReplaceAsync(named with { Reader = null }, None);
        Assert.Null((await registry.ReadAsync(new LogId(1), None))!.Reader);
    }

    [Fact]
    public async Task ReplaceAsync_ThroughALogsWholeLife_KeepsOneRowForEver()
    {
        var (registry, table) = await OpenAsync();
        await registry.InsertAsync(Row(1), None);
        var row = (await registry.ReadAsync(new LogId(1), None))!;
        foreach (var state in Enum.GetValues<LogState>().Append(LogState.Trimmed))
        {
            row = (await registry.ReplaceAsync(row with { State = state, Failures = row.Failures + 1 }, None))!;
            Assert.Equal(state == LogState.Trimmed ? 1 : 2, await RowsAsync(table));
            Assert.Equal(row, Assert.Single(await registry.ListAsync(Enum.GetValues<LogState>(), None)));
            Assert.Equal(state != LogState.Trimmed, (await registry.ListAsync([LogState.Open, LogState.Fencing, LogState.Fenced, LogState.Recovered], None)).Contains(row));
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Writes_WhenNoAnswerComes_AreAppliedOnceAndKnowIt(bool sent)
    {
        var (registry, _) = await OpenAsync();
        _faults.LoseWrite(sent);
        Assert.True(await registry.InsertAsync(Row(1), None));
        Assert.False(await registry.InsertAsync(Row(1), None));

        _faults.LoseWrite(sent);
        var replaced = await registry.ReplaceAsync((await registry.ReadAsync(new LogId(1), None))! with { State = LogState.Fencing }, None);
        Assert.Equal(replaced, await registry.ReadAsync(new LogId(1), None));
        Assert.NotNull(replaced);
    }

    [Fact]
    public async Task ReplaceAsync_WhenAnotherWinsBeforeTheAnswer_Loses()
    {
        var (registry, _) = await OpenAsync();
        await registry.InsertAsync(Row(1), None);
        var row = (await registry.ReadAsync(new LogId(1), None))!;
        _faults.LoseWrite(sent: true, async () =>
        {
            var now = (await registry.ReadAsync(new LogId(1), None))!;
            Assert.NotNull(await registry.ReplaceAsync(now with { TrimmedTo = 5 }, None));
        });

        Assert.Null(await registry.ReplaceAsync(row with { State = LogState.Fencing }, None));
    }

    [Fact]
    public async Task Rows_OfTwoServicesInOneTable_StayApart()
    {
        var tables = await AzuriteTables.OpenAsync(AzuriteTables.Options(azurite));
        var one = new AzureLogRegistry(tables.Logs, "one", TimeProvider.System);
        var two = new AzureLogRegistry(tables.Logs, "two", TimeProvider.System);
        Assert.True(await one.InsertAsync(Row(1), None));

        Assert.Null(await two.ReadAsync(new LogId(1), None));
        Assert.Empty(await two.ListAsync(Enum.GetValues<LogState>(), None));
        Assert.True(await two.InsertAsync(Row(1), None));
    }

    private async Task<(AzureLogRegistry Registry, TableClient Table)> OpenAsync()
    {
        var options = AzuriteTables.Options(azurite);
        var tables = await AzuriteTables.OpenAsync(options, _operations, _faults);
        return (new AzureLogRegistry(tables.Logs, AzureStores.Service, new PromptTime()), AzuriteTables.Connect(options).Logs);
    }

    private static async Task<int> RowsAsync(TableClient table)
    {
        var count = 0;
        await foreach (var _ in table.QueryAsync<TableEntity>(select: ["RowKey"])) count++;
        return count;
    }

    private static LogRow Row(UInt128 id) => new() { Log = new LogId(id), Address = "a", Generation = 1, BootId = "b", ProcessId = 1, CreatedAt = 1 };
}
