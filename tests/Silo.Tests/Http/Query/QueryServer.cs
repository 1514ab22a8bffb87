using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Rollbook.Query;
using Rollbook.Testing;
using Rollbook.Testing.Query;

namespace Rollbook.Silo.Tests.Http.Query;

/// <summary>An edge with an archive of two projects, whose statements run in real processes.</summary>
internal sealed class QueryServer : IAsyncDisposable
{
    private readonly TempDirectory directory;

    private QueryServer(TempDirectory directory, EdgeServer edge, FakeSources sources) => (this.directory, Edge, Sources) = (directory, edge, sources);

    public EdgeServer Edge { get; }

    public FakeSources Sources { get; }

    public string Directory => directory.Path;

    public static async Task<QueryServer> StartAsync(Action<QueryOptions>? configure = null)
    {
        var directory = new TempDirectory();
        var sources = new FakeSources();
        var rows = Enumerable.Range(0, 10).Select(i => Rows.Episode(i, score: i % 2)).ToList();
        var old = rows[3] with { Term = 0 };
        sources.Projects["default"] = new QuerySource
        {
            Episodes = [ParquetFiles.Episodes(directory.Path, "default/e1", [.. rows.Take(3), old.With(r => r with { Task = "replaced" })]), ParquetFiles.Episodes(directory.Path, "default/e2", rows.Skip(3).Take(4))],
            // Episode 3 has three steps of an older term, two of which the newer one replaced.
            Steps =
            [
                ParquetFiles.Steps(directory.Path, "default/s1", [(rows[1], 4)], isSealed: true), ParquetFiles.Steps(directory.Path, "default/s2", [(rows[2], 5), (old, 3)], observation: "\"old\""),
                ParquetFiles.Steps(directory.Path, "default/s3", [(rows[3], 2)]),
            ],
            Scores = [ParquetFiles.Scores(directory.Path, "default/x1", [(rows[1], "ev-1", 1), (rows[2], "ev-2", null)])],
            // Episode 4 is archived and scored since.
            Live = [.. rows.Skip(7), Rows.Episode(4, score: 0.25, term: 2), Rows.Episode(20, score: null, status: EpisodeStatus.Running)],
            AsOf = DateTimeOffset.UnixEpoch.AddSeconds(7.5),
        };
        sources.Projects["secret"] = new QuerySource
        {
            Episodes = [ParquetFiles.Episodes(directory.Path, "secret/e1", [Rows.Episode(1).With(r => r with { Task = "other-tenant" })])],
        };
        var edge = await EdgeServer.StartAsync(services => services.AddSingleton<IQuerySources>(sources).Configure<QueryOptions>(options =>
        {
            options.PinSeconds = 0;
            options.SqlThreads = 2;
            configure?.Invoke(options);
        }));
        return new QueryServer(directory, edge, sources);
    }

    public Task<(int Status, JsonNode? Json)> RunAsync(string sql, string query = "") =>
        Edge.PostAsync("/v1/query" + query, new JsonObject { ["sql"] = sql }.ToJsonString());

    public async Task<string> RowsAsync(string sql)
    {
        var (status, json) = await RunAsync(sql);
        Assert.True(status == 200, $"{sql}: {json}");
        return json!["rows"]!.ToJsonString(new JsonSerializerOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
    }

    public async Task<HttpResponseMessage> SendAsync(string sql, string accept, CancellationToken cancellation = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/query") { Content = new StringContent(new JsonObject { ["sql"] = sql }.ToJsonString()) };
        request.Headers.Accept.ParseAdd(accept);
        return await Edge.Client.SendAsync(request, cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        await Edge.DisposeAsync();
        directory.Dispose();
    }
}
