using Rollbook.Query;
using Rollbook.Testing.Query;
using Xunit;

namespace Rollbook.Grains.Tests.Query.Listing;

/// <summary>Pages whose rows stand in many files, some of them in two.</summary>
public sealed class ManyFilesTests : IDisposable
{
    private readonly QuerySubject subject = new();

    public void Dispose() => subject.Dispose();

    [Fact]
    public async Task List_OverManyFiles_GivesEachRowsOwnLargeValues()
    {
        var rows = Enumerable.Range(0, 60).Select(i => Rows.Episode(i, term: 2)).ToList();
        var older = rows.Select(row => (row with { Term = 1 }).With(r => r with { Metadata = "\"old\"", InitialObservation = "\"old\"" })).ToList();
        subject.Source = new QuerySource
        {
            Episodes = [.. Enumerable.Range(0, 12).Select(file => subject.File($"it's/{file}", [.. rows.Skip(file * 5).Take(5), .. older.Skip(((file + 1) % 12) * 5).Take(3)]))],
        };

        var page = await subject.ListAsync();

        Assert.Equal(
            rows.Select(row => (row.Record.Key.Id, row.Record.Metadata, row.Record.InitialObservation)),
            page.Items.Select(item => (item.Record.Key.Id, item.Record.Metadata, item.Record.InitialObservation)));
    }
}
