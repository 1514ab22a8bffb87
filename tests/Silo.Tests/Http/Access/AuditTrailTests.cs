using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Rollbook.Access;
using Rollbook.Testing;

namespace Rollbook.Silo.Tests.Http.Access;

/// <summary>What requests leave in the audit log.</summary>
public sealed class AuditTrailTests
{
    [Fact]
    public async Task Log_HoldsWhatMustBeTold_AndNoSecret()
    {
        using var directory = new TempDirectory();
        string key;
        string admin;
        string episode;
        await using (var server = await LockedServer.StartAsync(directory.Path))
        {
            admin = server.AdminKey;
            key = await server.KeyAsync("ingest export delete");
            var (_, started) = await server.SendAsync(key, HttpMethod.Post, "/v1/workers/w/episodes", """{"task":"hidden","variant_id":"v"}""");
            episode = (string)started!["episode_id"]!;
            using (await server.AnswerAsync(new("Bearer", key), HttpMethod.Get, "/v1/export?format=jsonl"))
            {
            }

            Assert.Equal(HttpStatusCode.OK, (await server.SendAsync(key, HttpMethod.Delete, $"/v1/episodes/{episode}?abort_running=true")).Status);
            Assert.Equal(HttpStatusCode.OK, (await server.SendAsync(admin, HttpMethod.Delete, $"/v1/keys/{ApiKey.IdOf(key)}")).Status);
        }

        var entries = Read(directory.Path);
        Assert.Equal(["start", "key.created", "key.create", "key.created", "export", "delete", "deleted", "key.revoke"], entries.Select(static entry => (string)entry["what"]!));
        Assert.Equal(($"key:{ApiKey.IdOf(key)}", "127.0.0.1", $"/v1/episodes/{episode}?abort_running=true"), ((string)entries[5]["who"]!, (string)entries[5]["from"]!, (string)entries[5]["on"]!));
        var text = await File.ReadAllTextAsync(AuditFile.PathIn(directory.Path));
        foreach (var secret in new[] { key[16..], admin[16..], "hidden" }) Assert.DoesNotContain(secret, text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refusals_OfOneKind_AreOneLineAMinute()
    {
        using var directory = new TempDirectory();
        await using (var server = await LockedServer.StartAsync(directory.Path))
        {
            for (var i = 0; i < 20; i++) await server.SendAsync("wrong", HttpMethod.Get, "/v1/workers");
            // Written in the background: a change of keys waits for the same log.
            await server.KeyAsync("read");
        }

        Assert.InRange(Read(directory.Path).Count(static entry => (string)entry["what"]! == "access.refused"), 1, 4);
    }

    [Fact]
    public async Task Start_OnAChangedLog_SaysWhere()
    {
        using var directory = new TempDirectory();
        await using (await LockedServer.StartAsync(directory.Path))
        {
        }

        var path = AuditFile.PathIn(directory.Path);
        await File.WriteAllTextAsync(path, (await File.ReadAllTextAsync(path)).Replace("recorder", "somebody", StringComparison.Ordinal));
        using var output = new StringWriter();
        using var errors = new StringWriter();
        Assert.Equal(1, await Rollbook.Silo.Hosting.SiloHost.RunAsync(["--urls", "http://127.0.0.1:0", "--data", directory.Path], output, errors));
        Assert.Contains("changed at line 1", errors.ToString(), StringComparison.Ordinal);
    }

    private static List<JsonNode> Read(string directory)
    {
        var entries = new List<JsonNode>();
        var file = AuditFile.Read(AuditFile.PathIn(directory), (line, _) => entries.Add(JsonNode.Parse(Encoding.UTF8.GetString(line.Span))!));
        Assert.Equal((null, false), (file.Fault, file.Torn));
        return entries;
    }
}
