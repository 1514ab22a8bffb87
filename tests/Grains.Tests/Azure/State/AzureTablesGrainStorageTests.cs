using Azure.Data.Tables;
using Orleans.Runtime;
using Orleans.Storage;
using Rollbook.Azure;
using Rollbook.Testing;
using Xunit;

namespace Rollbook.Grains.Tests.Azure.State;

/// <summary>The names and columns are those of Orleans' own provider, so that either reads what the other wrote.</summary>
public sealed class AzureTablesGrainStorageTests(Azurite azurite)
{
    private static readonly GrainId Grain = GrainId.Create("note", "a/b?c#d\\e");

    [Theory]
    [InlineData(false, "Data")]
    [InlineData(true, "StringData")]
    public async Task WriteStateAsync_OfAnySize_WritesTheOfficialColumns(bool text, string column)
    {
        var tables = await AzuriteTables.OpenAsync(AzuriteTables.Options(azurite));
        var storage = AzureStores.State(tables, text);
        var state = State(new string('x', 100_000));
        await storage.WriteStateAsync("my/state", Grain, state);

        var row = (await tables.GrainState.GetEntityAsync<TableEntity>("service_note_a_b_c_d_e", "my_state")).Value;
        var columns = row.Keys.Where(key => key.StartsWith(column, StringComparison.Ordinal)).Order(StringComparer.Ordinal);
        Assert.Equal(text ? [column, column + "1", column + "2", column + "3"] : [column, column + "1"], columns);
        Assert.Equal(state.ETag, row.ETag.ToString());
        Assert.All(columns, name => Assert.True(row[name] is byte[] { Length: <= 65536 } or string { Length: <= 32768 }, name));

        state.State!.Text = "short";
        await storage.WriteStateAsync("my/state", Grain, state);
        Assert.Equal([column], (await tables.GrainState.GetEntityAsync<TableEntity>("service_note_a_b_c_d_e", "my_state")).Value.Keys.Where(key => key.Contains("Data")));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task WriteStateAsync_OfMoreThanARowHolds_IsRefusedWithTheSize(bool text)
    {
        var storage = AzureStores.State(await AzuriteTables.OpenAsync(AzuriteTables.Options(azurite)), text);
        var largest = text ? 400_000 : 980_000;
        await storage.WriteStateAsync("state", Grain, State(new string('x', largest)));

        var refused = await Assert.ThrowsAsync<ArgumentException>(() => storage.WriteStateAsync("other", Grain, State(new string('x', 1_000_000))));
        Assert.Contains("holds 983040", refused.Message);
        var read = new GrainState<GrainStorageState>();
        await storage.ReadStateAsync("state", Grain, read);
        Assert.Equal(largest, read.State!.Text!.Length);
    }

    [Fact]
    public async Task ReadStateAsync_OfARowWithoutData_IsNoRecordThatCanBeWrittenOver()
    {
        var tables = await AzuriteTables.OpenAsync(AzuriteTables.Options(azurite));
        await tables.GrainState.AddEntityAsync(new TableEntity("service_note_a_b_c_d_e", "state"));
        var storage = AzureStores.State(tables);
        var state = new GrainState<GrainStorageState>();
        await storage.ReadStateAsync("state", Grain, state);

        Assert.False(state.RecordExists);
        Assert.NotNull(state.ETag);
        Assert.Equal(new GrainStorageState(), state.State);
        state.State!.Text = "new";
        await storage.WriteStateAsync("state", Grain, state);
        Assert.True(state.RecordExists);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Writes_WhenNoAnswerComes_AreAppliedOnceAndKnowIt(bool sent)
    {
        var faults = new TableFaults().LoseWrite(sent);
        var storage = AzureStores.State(await AzuriteTables.OpenAsync(AzuriteTables.Options(azurite), faults));
        var state = State("first");
        await storage.WriteStateAsync("state", Grain, state);
        faults.LoseWrite(sent);
        state.State!.Text = "second";
        await storage.WriteStateAsync("state", Grain, state);
        var read = new GrainState<GrainStorageState>();
        await storage.ReadStateAsync("state", Grain, read);
        Assert.Equal(("second", state.ETag), (read.State!.Text, read.ETag));

        faults.LoseWrite(sent);
        await storage.ClearStateAsync("state", Grain, state);
        await storage.ReadStateAsync("state", Grain, read);
        Assert.False(read.RecordExists);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Writes_WhenAnotherWinsBeforeTheAnswer_Lose(bool sent)
    {
        var faults = new TableFaults();
        var storage = AzureStores.State(await AzuriteTables.OpenAsync(AzuriteTables.Options(azurite), faults));
        var state = State("first");
        await storage.WriteStateAsync("state", Grain, state);
        faults.LoseWrite(sent, OtherAsync);
        await Assert.ThrowsAsync<InconsistentStateException>(() => storage.WriteStateAsync("state", Grain, state));

        await storage.ReadStateAsync("state", Grain, state);
        Assert.Equal("other", state.State!.Text);
        faults.LoseWrite(sent: false, OtherAsync);
        await Assert.ThrowsAsync<InconsistentStateException>(() => storage.ClearStateAsync("state", Grain, state));

        async Task OtherAsync()
        {
            var other = new GrainState<GrainStorageState>();
            await storage.ReadStateAsync("state", Grain, other);
            other.State!.Text = "other";
            await storage.WriteStateAsync("state", Grain, other);
        }
    }

    [Fact]
    public async Task WriteStateAsync_WhenNoTryIsAnswered_Throws()
    {
        var faults = new TableFaults().LoseWrite(false).LoseWrite(false).LoseWrite(false);
        var storage = AzureStores.State(await AzuriteTables.OpenAsync(AzuriteTables.Options(azurite), faults));

        await Assert.ThrowsAsync<IOException>(() => storage.WriteStateAsync("state", Grain, State("never")));
    }

    [Fact]
    public async Task ReadStateAsync_WhenTheTableIsGone_ThrowsAndIsNoMissingRecord()
    {
        var storage = AzureStores.State(AzuriteTables.Connect(AzuriteTables.Options(azurite)));

        await Assert.ThrowsAsync<global::Azure.RequestFailedException>(() => storage.ReadStateAsync("state", Grain, new GrainState<GrainStorageState>()));
    }

    [Fact]
    public async Task WriteStateAsync_WithAKeyOfMoreThanATableTakes_IsRefused()
    {
        var storage = AzureStores.State(AzuriteTables.Connect(AzuriteTables.Options(azurite)));

        await Assert.ThrowsAsync<ArgumentException>(() => storage.WriteStateAsync("state", GrainId.Create("note", new string('k', 1024)), State("x")));
    }

    private static GrainState<GrainStorageState> State(string text) => new() { State = new GrainStorageState { Text = text } };
}
