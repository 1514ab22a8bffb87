using System.Text;
using System.Text.Json.Nodes;
using Xunit;

namespace Rollbook.Cli.Tests.Sql;

public sealed class SqlCommandTests : IAsyncLifetime
{
    private const string Answer = """{"columns":[{"name":"task","type":"VARCHAR"},{"name":"n","type":"BIGINT"}],"rows":[["[red]a\u001b[2J",1],[null,2]],"row_count":2,"truncated":true,"as_of":1,"complete":true,"missing":[]}""";

    private FakeRecorder _recorder = null!;

    public async ValueTask InitializeAsync() => _recorder = await FakeRecorder.StartAsync();

    public async ValueTask DisposeAsync() => await _recorder.DisposeAsync();

    [Fact]
    public async Task Sql_WithAStatement_ShowsATableOfHarmlessText()
    {
        _recorder.Answers["/v1/query"] = (200, Answer);

        var run = await CliRun.OfAsync(_recorder, "sql", "SELECT 'é'", "--fresh");

        Assert.Equal(0, run.ExitCode);
        Assert.Equal(["POST /v1/query?fresh=true"], _recorder.Requests);
        Assert.Equal(("SELECT 'é'", 1000), ((string)JsonNode.Parse(_recorder.Statements[0])!["sql"]!, (int)JsonNode.Parse(_recorder.Statements[0])!["max_rows"]!));
        Assert.Contains("[red]a", run.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("\u001b", run.Out, StringComparison.Ordinal);
        Assert.Contains("2 rows, and more", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sql_WhenATablesColumnsWouldBeTooNarrow_ShowsABlockARow()
    {
        var names = Enumerable.Range(0, 40).Select(static column => $"column_{column}").ToList();
        _recorder.Answers["/v1/query"] = (200, new JsonObject
        {
            ["columns"] = new JsonArray([.. names.Select(static name => new JsonObject { ["name"] = name })]),
            ["rows"] = new JsonArray([.. Enumerable.Range(1, 2).Select(row => new JsonArray([.. names.Select(name => (JsonNode)$"value of {name} in row {row}")]))]),
            ["row_count"] = 2,
            ["truncated"] = false,
            ["missing"] = new JsonArray(),
        }.ToJsonString());

        var run = await CliRun.OfAsync(_recorder, "sql", "FROM steps");

        Assert.Equal(
            [.. new[] { 1, 2 }.SelectMany(row => names.Select(name => $"  {name,-9} value of {name} in row {row}").Prepend($"row {row}")), "2 rows"],
            run.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => line.TrimEnd()));
    }

    [Theory]
    [InlineData("--json")]
    [InlineData("--csv")]
    public async Task Sql_AsDataForOthers_GivesTheBytesAsServed(string option)
    {
        _recorder.Answers["/v1/query"] = (200, "a,b\r\né,2\r\n");

        var run = await CliRun.OfAsync(_recorder, "sql", "SELECT 1", option, "--max-rows", "7");

        Assert.Equal("a,b\r\né,2\r\n" + (option == "--json" ? "\n" : ""), run.Out);
        Assert.Equal(7, (int)JsonNode.Parse(_recorder.Statements[0])!["max_rows"]!);
    }

    [Theory]
    [InlineData("2", "true", "may be more")]
    [InlineData("3", "false", "did not answer")]
    [InlineData("3", "true", "")]
    public async Task Sql_AsCsvThatMayBeCutOrIsNotComplete_SaysSo(string limit, string complete, string note)
    {
        _recorder.Answers["/v1/query"] = (200, "a,b\r\n\"x\ny \"\"z\"\"\",2\r\nc,3\r\n");
        _recorder.AnswerHeaders["Rollbook-Row-Limit"] = limit;
        _recorder.AnswerHeaders["Rollbook-Complete"] = complete;

        var run = await CliRun.OfAsync(_recorder, "sql", "SELECT 1", "--csv");

        Assert.Equal((0, note.Length > 0 ? 1 : 0), (run.ExitCode, run.Error.Count(static letter => letter == '\n')));
        Assert.Contains(note, run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("2", "--max-rows allows: there may be more. Raise --max-rows")]
    [InlineData("5", "raise the recorder's Query:SqlRows")]
    public async Task Sql_AsCsvWithAsManyRowsAsItMayHave_SaysWhoseLimitThatIs(string asked, string note)
    {
        _recorder.Answers["/v1/query"] = (200, "a\r\n1\r\n2\r\n");
        _recorder.AnswerHeaders["Rollbook-Row-Limit"] = "2";

        var run = await CliRun.OfAsync(_recorder, "sql", "SELECT 1", "--csv", "--max-rows", asked);

        Assert.Contains(note, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sql_FromAFileOrTheStandardInput_SendsWhatStandsThere()
    {
        _recorder.Answers["/v1/query"] = (200, Answer);
        using var directory = new TemporaryDirectory();
        var path = Path.Combine(directory.Path, "q.sql");
        await File.WriteAllTextAsync(path, "SELECT 1\n");
        await CliRun.OfAsync(_recorder, "sql", "--file", path);
        foreach (var args in new[] { new[] { "sql", "-" }, ["sql"] })
        {
            var host = new CliHost(new StringWriter(), new StringWriter(), name => name == "ROLLBOOK_URL" ? _recorder.Address.ToString() : null)
            {
                In = () => new MemoryStream(Encoding.UTF8.GetBytes("SELECT 1\n")),
            };
            Assert.Equal(0, await RollbookCli.RunAsync(args, host, TestContext.Current.CancellationToken));
        }

        Assert.Equal(["SELECT 1\n", "SELECT 1\n", "SELECT 1\n"], _recorder.Statements.Select(body => (string)JsonNode.Parse(body)!["sql"]!));
    }

    [Fact]
    public async Task Sql_WhenTheStatementIsWrong_MarksThePlace()
    {
        _recorder.Answers["/v1/query"] = (400, """{"code":"bad_sql","detail":"Binder error: no nope","retry":false,"line":2,"column":3}""");

        var run = await CliRun.OfAsync(_recorder, "sql", "SELECT\n  nope");

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("Binder error: no nope\n    nope\n    ^", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sql", "SELECT 1", "--json", "--csv")]
    [InlineData("sql", "SELECT 1", "--file", "x.sql")]
    [InlineData("sql", "SELECT 1", "--max-rows", "0")]
    public async Task Sql_WhenUsedWrongly_Exits2(params string[] args) => Assert.Equal(2, (await CliRun.OfAsync(_recorder, args)).ExitCode);
}
