using System.Text.Json.Nodes;
using Xunit;

namespace Rollbook.Cli.Tests.Keys;

/// <summary>The command against the recorder itself, which asks for keys.</summary>
public sealed class KeysCommandTests : IAsyncLifetime
{
    private RealRecorder recorder = null!;
    private string admin = null!;

    public async ValueTask InitializeAsync()
    {
        recorder = await RealRecorder.StartLockedAsync();
        admin = recorder.TakeAdminKey()!;
    }

    public async ValueTask DisposeAsync() => await recorder.DisposeAsync();

    [Fact]
    public async Task Create_PrintsTheKeyAlone_AndItWorks()
    {
        var made = await RunAsync(admin, "keys", "create", "--name", "trainer", "--scopes", "ingest,read", "--expires", "90d");
        Assert.Equal((0, true), (made.ExitCode, made.Error.Contains("ingest read", StringComparison.Ordinal)));
        var key = Assert.Single(made.Lines);
        Assert.Matches("^rb_[a-z2-7]{12}_[a-z2-7]{52}$", key);

        Assert.Equal(0, (await RunAsync(key, "ls")).ExitCode);
        var refused = await RunAsync(key, "stats");
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("needs query", refused.Error, StringComparison.Ordinal);
        Assert.Contains("(forbidden)", refused.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task List_ShowsWhatIsStored_AndNoKey()
    {
        var key = await MadeAsync("--name", "eval", "--scopes", "read");
        var list = await RunAsync(admin, "keys", "list", "--json");
        Assert.DoesNotContain(key, list.Out, StringComparison.Ordinal);
        var row = JsonNode.Parse(list.Lines[1])!;
        Assert.Equal(("eval", "valid", "default", key[..15]), ((string)row["name"]!, (string)row["state"]!, (string)row["project"]!, (string)row["prefix"]!));
        Assert.Contains("eval", (await RunAsync(admin, "keys", "list")).Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rotate_BothWork_UntilTheOldOneIsRevoked()
    {
        var old = await MadeAsync("--name", "n", "--scopes", "read");
        var rotated = await RunAsync(admin, "keys", "rotate", Id(old), "--overlap", "2d", "--json");
        var next = (string)JsonNode.Parse(rotated.Out)!["key"]!;
        Assert.Equal((0, 0), ((await RunAsync(old, "ls")).ExitCode, (await RunAsync(next, "ls")).ExitCode));

        Assert.Equal($"{Id(old)} revoked", Assert.Single((await RunAsync(admin, "keys", "revoke", Id(old))).Lines));
        var refused = await RunAsync(old, "ls");
        Assert.Equal((1, true), (refused.ExitCode, refused.Error.Contains("revoked", StringComparison.Ordinal)));
        Assert.Equal(0, (await RunAsync(next, "ls")).ExitCode);
        Assert.Equal(1, (await RunAsync(admin, "keys", "rotate", Id(old))).ExitCode);
    }

    [Fact]
    public async Task Rotate_WithoutOverlap_EndsTheOldOneAtOnce()
    {
        var old = await MadeAsync("--name", "n", "--scopes", "read");
        Assert.Equal(0, (await RunAsync(admin, "keys", "rotate", Id(old), "--overlap", "0s")).ExitCode);
        Assert.Contains("rotation", (await RunAsync(old, "ls")).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnyCommand_WithoutAKey_NamesTheCure()
    {
        var refused = await recorder.RunAsync("ls");
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("ROLLBOOK_API_KEY", refused.Error, StringComparison.Ordinal);
        Assert.Contains("(unauthenticated)", refused.Error, StringComparison.Ordinal);
        var doctor = await recorder.RunAsync("doctor");
        Assert.Equal((1, true), (doctor.ExitCode, doctor.Out.Contains("rollbook keys create", StringComparison.Ordinal)));
        Assert.Equal(0, (await RunAsync(admin, "doctor")).ExitCode);
    }

    [Fact]
    public async Task Keys_OfAProjectsAdministrator_StayInTheProject()
    {
        var blue = await MadeAsync("--name", "blue's", "--scopes", "admin,read", "--project", "blue");
        var green = await MadeAsync("--name", "green's", "--scopes", "read", "--project", "green");
        var own = await RunAsync(blue, "keys", "create", "--name", "n", "--scopes", "read", "--json");
        Assert.Equal("blue", (string)JsonNode.Parse(own.Out)!["project"]!);
        Assert.Equal(2, (await RunAsync(blue, "keys", "list", "--json")).Lines.Count);
        Assert.Equal(1, (await RunAsync(blue, "keys", "create", "--name", "n", "--scopes", "read", "--project", "green")).ExitCode);
        Assert.Equal(1, (await RunAsync(blue, "keys", "create", "--name", "n", "--scopes", "read", "--project", "*")).ExitCode);
        Assert.Equal(4, (await RunAsync(blue, "keys", "revoke", Id(green))).ExitCode);
        Assert.Equal(4, (await RunAsync(blue, "keys", "rotate", Id(green))).ExitCode);
        Assert.Equal(0, (await RunAsync(green, "ls")).ExitCode);
    }

    [Theory]
    [InlineData("--name", "n", "--scopes", "everything")]
    [InlineData("--name", "n", "--scopes", "read", "--project", "Not/One")]
    [InlineData("--name", "n", "--scopes", ",")]
    public async Task Create_WhatTheRecorderRefuses_ExitsWithOne(params string[] options) =>
        Assert.Equal(1, (await RunAsync(admin, ["keys", "create", .. options])).ExitCode);

    [Theory]
    [InlineData("keys", "create", "--scopes", "read")]
    [InlineData("keys", "create", "--name", "n", "--scopes", "read", "--expires", "soon")]
    [InlineData("keys", "rotate")]
    [InlineData("keys")]
    public async Task Keys_WrongUsage_ExitsWithTwo(params string[] args) => Assert.Equal(2, (await RunAsync(admin, args)).ExitCode);

    private static string Id(string key) => key[3..15];

    private Task<CliRun> RunAsync(string key, params string[] args) =>
        CliRun.OfAsync(new Dictionary<string, string> { ["ROLLBOOK_URL"] = recorder.Address, ["ROLLBOOK_API_KEY"] = key }, args);

    private async Task<string> MadeAsync(params string[] options)
    {
        var made = await RunAsync(admin, ["keys", "create", .. options]);
        Assert.True(made.ExitCode == 0, made.Error);
        return made.Lines[0];
    }
}
