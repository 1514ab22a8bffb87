using Rollbook.Query;
using Rollbook.Testing.Query;

namespace Rollbook.Silo.Tests.Http.Query;

/// <summary>Statements and their answers, in the real worker process.</summary>
public sealed class QueryApiTests
{
    [Fact]
    public async Task Query_OverEpisodes_CountsEachOnce()
    {
        await using var server = await QueryServer.StartAsync();

        Assert.Equal("[[11,10,1]]", await server.RowsAsync("SELECT count(*), count(DISTINCT task || episode_id) - 1, count(*) FILTER (status = 'running') FROM episodes"));
        Assert.Equal("[]", await server.RowsAsync("SELECT * FROM episodes WHERE task = 'replaced'"));
        Assert.Equal($"[[\"{Rows.Id(4)}\",0.25]]", await server.RowsAsync("SELECT episode_id, final_score FROM episodes WHERE final_score NOT IN (0, 1)"));
        Assert.Equal(
            """[["2023-11-14T22:13:20","2023-11-14T22:15:00",1700000000,["kept","pinned"],"{\"n\": 0.0}",null]]""",
            await server.RowsAsync("SELECT started_at, ended_at, start_time, labels, metadata, environment FROM episodes ORDER BY episode_id LIMIT 1"));
    }

    [Fact]
    public async Task Query_OverStepsAndScores_JoinsThem()
    {
        await using var server = await QueryServer.StartAsync();

        // 4 sealed, 5 packed, and of episode 3 ordinals 0 and 1 of the newer term and 2 of the older.
        Assert.Equal("[[12,2]]", await server.RowsAsync("SELECT count(*), count(*) FILTER (observation = '\"seen\"' AND episode_id LIKE '%') - 4 FROM steps"));
        Assert.Equal(
            """[[0,"\"seen\""],[1,"\"seen\""],[2,"\"old\""]]""",
            await server.RowsAsync($"SELECT ordinal, observation FROM steps WHERE episode_id = '{Rows.Id(3)}' ORDER BY ordinal"));
        Assert.Equal("""[["org/repo#0",null],["org/repo#1",1]]""", await server.RowsAsync("SELECT e.task, s.value FROM scores s JOIN episodes e USING (episode_id) ORDER BY 1"));
    }

    [Fact]
    public async Task Query_WhenEpisodesAreDeleted_ReadsNoRowOfThem()
    {
        await using var server = await QueryServer.StartAsync();
        server.Sources.Projects["default"] = server.Sources.Projects["default"] with { Deleted = new HashSet<EpisodeId> { Rows.Id(1), Rows.Id(3), Rows.Id(8) } };

        Assert.Equal("[[8]]", await server.RowsAsync("SELECT count(*) FROM episodes"));
        Assert.Equal($"[[\"{Rows.Id(2)}\",5]]", await server.RowsAsync("SELECT episode_id, count(*) FROM steps GROUP BY 1"));
        Assert.Equal($"[[\"{Rows.Id(2)}\"]]", await server.RowsAsync("SELECT episode_id FROM scores"));
    }

    [Fact]
    public async Task Query_OverAnEmptyArchive_HasAllColumns()
    {
        await using var server = await QueryServer.StartAsync();
        server.Sources.Projects["default"] = QuerySource.Empty;

        Assert.Equal("[[0,0,0]]", await server.RowsAsync("SELECT (SELECT count(reward) FROM steps), (SELECT count(final_score) FROM episodes), (SELECT count(value) FROM scores)"));
        Assert.Contains("initial_observation", await server.RowsAsync("DESCRIBE episodes"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Query_AsJson_TellsColumnsAndTheMoment()
    {
        await using var server = await QueryServer.StartAsync();

        var (status, json) = await server.RunAsync("SELECT 1 AS a, 'x' AS b, 'NaN'::DOUBLE AS n, [1, NULL] AS l, [[1.5::DOUBLE, NULL], NULL] AS ll, ['a', NULL] AS s, MAP {'k': 1, 'n': NULL} AS p, {'k': '-Infinity'::DOUBLE} AS m, 170141183460469231731687303715884105727 AS h, 1.50::DECIMAL(9,2) AS d, from_hex('00ff')");

        Assert.True(status == 200, json!.ToJsonString());
        Assert.Equal("""[[1,"x","NaN",[1,null],[[1.5,null],null],["a",null],{"k":1,"n":null},{"k":"-Infinity"},170141183460469231731687303715884105727,1.50,"00ff"]]""", json["rows"]!.ToJsonString());
        Assert.Equal(("a", "INTEGER"), ((string)json["columns"]![0]!["name"]!, (string)json["columns"]![0]!["type"]!.ToString().ToUpperInvariant()));
        Assert.Equal((1, false, 7.5, true), ((int)json["row_count"]!, (bool)json["truncated"]!, (double)json["as_of"]!, (bool)json["complete"]!));
    }

    [Fact]
    public async Task Query_AsNdjson_GivesAnObjectARow()
    {
        await using var server = await QueryServer.StartAsync();
        using var response = await server.SendAsync("SELECT i AS a, i + 1 AS a FROM range(2) r(i)", "application/x-ndjson");

        Assert.Equal("{\"a\":0,\"a_2\":1}\n{\"a\":1,\"a_2\":2}\n", await response.Content.ReadAsStringAsync());
        Assert.Equal("7.5", response.Headers.GetValues("Rollbook-As-Of").Single());
        Assert.Equal("true", response.Headers.GetValues("Rollbook-Complete").Single());
        Assert.Equal("false", response.Headers.GetValues("Rollbook-Truncated").Single());
        Assert.Equal("100000", response.Headers.GetValues("Rollbook-Row-Limit").Single());
    }

    [Fact]
    public async Task Query_AsCsv_DefusesFormulas()
    {
        await using var server = await QueryServer.StartAsync();
        using var response = await server.SendAsync(
            """SELECT '=1+1' AS "=name", '+a' AS b, '-b' AS c, '@d' AS d, 'say "hi", you' AS e, -1.5 AS f, NULL AS g, 'Infinity'::DOUBLE AS h, ['=x'] AS i""", "text/csv");

        Assert.Equal("text/csv", response.Content.Headers.ContentType!.MediaType);
        Assert.Equal(
            "'=name,b,c,d,e,f,g,h,i\r\n'=1+1,'+a,'-b,'@d,\"say \"\"hi\"\", you\",-1.5,,Infinity,\"[\"\"=x\"\"]\"\r\n",
            await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Query_WithMoreRowsThanItMay_IsCutAndSaysSo()
    {
        await using var server = await QueryServer.StartAsync(options => options.SqlRows = 5);

        var (_, exact) = await server.RunAsync("SELECT * FROM range(5)");
        var (_, cut) = await server.RunAsync("SELECT * FROM range(1000000000)");

        Assert.Equal((5, false), ((int)exact!["row_count"]!, (bool)exact["truncated"]!));
        Assert.Equal((5, true), ((int)cut!["row_count"]!, (bool)cut["truncated"]!));
    }

    [Fact]
    public async Task Query_WithMoreBytesThanItMay_IsCutAndSaysSo()
    {
        await using var server = await QueryServer.StartAsync(options => options.SqlAnswerMegabytes = 1);
        var (_, cut) = await server.RunAsync("SELECT repeat('x', 1000) FROM range(100000)");

        Assert.True((bool)cut!["truncated"]!);
        Assert.InRange((int)cut["row_count"]!, 1000, 1200);
    }

    [Theory]
    [InlineData("SELEC 1", 1, 1)]
    [InlineData("SELECT 1,\n  nope FROM episodes", 2, 3)]
    [InlineData("SELECT 'é', nope FROM episodes", 1, 13)]
    public async Task Query_WhenWrong_NamesThePlace(string sql, int line, int column)
    {
        await using var server = await QueryServer.StartAsync();
        var (status, problem) = await server.RunAsync(sql);

        Assert.Equal((400, "bad_sql"), (status, (string)problem!["code"]!));
        Assert.Equal((line, column), ((int)problem["line"]!, (int)problem["column"]!));
    }

    [Fact]
    public async Task Query_WhenAValueIsWrong_SaysWhatTheEngineSays()
    {
        await using var server = await QueryServer.StartAsync();
        var (status, problem) = await server.RunAsync("SELECT CAST(task AS INTEGER) FROM episodes");

        Assert.Equal((400, "bad_sql"), (status, (string)problem!["code"]!));
        Assert.Contains("org/repo#", (string)problem["detail"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Query_WhenFresh_PacksFirst()
    {
        await using var server = await QueryServer.StartAsync();
        server.Sources.OnPack = project => server.Sources.Projects[project] = new QuerySource { Live = [Rows.Episode(1)] };

        var (_, json) = await server.RunAsync("SELECT count(*) FROM episodes", "?fresh=true");

        Assert.Equal(1, server.Sources.Packs);
        Assert.Equal("[[1]]", json!["rows"]!.ToJsonString());
    }

    [Theory]
    [InlineData("{}", "/sql")]
    [InlineData("""{"sql":1}""", "/sql")]
    [InlineData("""{"sql":"select 1","max_rows":0}""", "/max_rows")]
    [InlineData("""{"sql":"select 1","project":"other"}""", "/project")]
    public async Task Query_WhenTheBodyIsWrong_NamesTheField(string body, string pointer)
    {
        await using var server = await QueryServer.StartAsync();
        var (status, problem) = await server.Edge.PostAsync("/v1/query", body);
        Assert.Equal((400, "bad_json", pointer), (status, (string)problem!["code"]!, (string)problem["pointer"]!));
    }
}
