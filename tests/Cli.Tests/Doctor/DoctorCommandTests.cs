using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using Rollbook.StepLog;
using Xunit;

namespace Rollbook.Cli.Tests.Doctor;

public sealed class DoctorCommandTests : IAsyncLifetime
{
    private readonly TemporaryDirectory _directory = new();
    private FakeRecorder _recorder = null!;

    public async ValueTask InitializeAsync() => _recorder = await FakeRecorder.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _recorder.DisposeAsync();
        _directory.Dispose();
    }

    [Fact]
    public async Task Doctor_WhenAllIsWell_SaysOkToEachAndExitsWithZero()
    {
        var run = await CliRun.OfAsync(_recorder, "doctor");

        Assert.Equal(0, run.ExitCode);
        Assert.Equal(["reachable", "ready", "clock", "version", "key", "release", "silo.log"], run.Lines.Select(line => line[6..].Split(' ')[0]));
        Assert.All(run.Lines, line => Assert.StartsWith("ok ", line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Doctor_WhenNothingAnswers_NamesTheCureAndExitsWithThree()
    {
        var run = await CliRun.OfAsync(_recorder, "doctor", "--url", "http://127.0.0.1:1", "--json");

        Assert.Equal(3, run.ExitCode);
        var check = JsonNode.Parse(Assert.Single(run.Lines))!;
        Assert.Equal(("reachable", "fail"), ((string?)check["check"], (string?)check["state"]));
        Assert.Contains("--url", (string?)check["cure"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(503, "wait")]
    [InlineData(401, "ROLLBOOK_API_KEY")]
    [InlineData(404, "Is this address a recorder?")]
    public async Task Doctor_WhenItIsNotReady_NamesTheCureAndExitsWithOne(int status, string cure)
    {
        _recorder.Faults.Add(new Fault("/health/ready") { Status = status });

        var run = await CliRun.OfAsync(_recorder, "doctor", "--json");

        Assert.Equal(1, run.ExitCode);
        Assert.Contains(cure, (string?)Checks(run)["ready"]["cure"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Doctor_WhenItLacksRoutes_WarnsAndNamesThem()
    {
        _recorder.OpenApi = """{"info":{"version":"v1"},"paths":{"/v1/steps":{}}}""";

        var run = await CliRun.OfAsync(_recorder, "doctor", "--json");

        Assert.Equal((0, "warn"), (run.ExitCode, (string?)Checks(run)["version"]["state"]));
        Assert.Contains("/v1/scores", (string?)Checks(run)["version"]["text"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("<html>")]
    [InlineData("{}")]
    [InlineData("{\"info\":[]}")]
    public async Task Doctor_WhenTheDocumentIsSomethingElse_FailsWithoutThrowing(string document)
    {
        _recorder.OpenApi = document;

        Assert.Equal(1, (await CliRun.OfAsync(_recorder, "doctor")).ExitCode);
    }

    [Fact]
    public async Task Doctor_WhenTheClocksDiffer_WarnsByHowMuch()
    {
        var output = new StringWriter();
        var host = new CliHost(output, TextWriter.Null, _ => null) { Time = new FakeTimeProvider(TimeProvider.System.GetUtcNow().AddHours(-1)) };

        var code = await RollbookCli.RunAsync(["doctor", "--url", _recorder.Address.ToString(), "--json"], host, CancellationToken.None);

        var clock = JsonNode.Parse(output.ToString().Split('\n').Single(line => line.Contains("\"clock\"", StringComparison.Ordinal)))!;
        Assert.Equal((0, "warn"), (code, (string?)clock["state"]));
        Assert.Contains("ahead of this machine's", (string?)clock["text"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"version":"0.1.7","formats":{"chunk":1,"frame":1,"pack":1},"checks":[]}""", "ok", null)]
    [InlineData("""{"version":"0.2.0","formats":{"chunk":1,"frame":1,"pack":1},"checks":[]}""", "warn", "own release")]
    [InlineData("""{"version":"0.1.0","formats":{"chunk":2,"frame":1,"pack":1},"checks":[]}""", "warn", "chunk format")]
    [InlineData("""{"version":"0.1.0","formats":{"chunk":1},"checks":[{}]}""", "fail", "proxy")]
    [InlineData("<html>", "fail", "proxy")]
    [InlineData(null, "warn", "Update the recorder")]
    public async Task Doctor_ByTheRecordersRelease_SaysWhatFits(string? report, string state, string? cure)
    {
        _recorder.Doctor = report;

        var run = await CliRun.OfAsync(_recorder, "doctor", "--json");

        Assert.Equal((state == "fail" ? 1 : 0, state), (run.ExitCode, (string?)Checks(run)["release"]["state"]));
        Assert.Equal(cure is null, Checks(run)["release"]["cure"] is null);
        Assert.Contains(cure ?? "", (string?)Checks(run)["release"]["cure"] ?? "", StringComparison.Ordinal);
    }

    [Fact]
    public async Task Doctor_WhenTheRecorderRefusesTheReport_NamesTheScope()
    {
        _recorder.Faults.Add(new Fault("/v1/doctor") { Status = 403 });

        var run = await CliRun.OfAsync(_recorder, "doctor", "--json");

        Assert.Equal(0, run.ExitCode);
        Assert.Contains("scope admin", (string?)Checks(run)["release"]["cure"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Doctor_OfARealRecorder_TellsItsOwnChecksAndFailsWithThem()
    {
        await using (var well = await RealRecorder.StartAsync())
        {
            var run = await well.RunAsync("doctor", "--json");
            Assert.Equal(0, run.ExitCode);
            Assert.Equal(
                ["silo.archive", "silo.clocks", "silo.configuration", "silo.file_system", "silo.log", "silo.permissions", "silo.recovery", "silo.space"],
                Checks(run).Keys.Where(name => name.StartsWith("silo.", StringComparison.Ordinal)).Order());
            Assert.Equal("ok", (string?)Checks(run)["silo.log"]["state"]);
            Assert.Equal("ok", (string?)Checks(run)["release"]["state"]);
        }

        var bad = await DoctorOnAFullDiskAsync();
        Assert.Equal((1, "fail"), (bad.ExitCode, (string?)Checks(bad)["silo.space"]["state"]));
        Assert.Contains("Free some", (string?)Checks(bad)["silo.space"]["cure"], StringComparison.Ordinal);
    }

    // All of the disk but what the first segment needs is kept in reserve. Others write and delete meanwhile, so that what is free is another amount each time.
    private static async Task<CliRun> DoctorOnAFullDiskAsync()
    {
        for (var tries = 1; ; tries++)
        {
            var reserve = new DriveInfo(Path.GetTempPath()).AvailableFreeSpace - (100L << 20);
            try
            {
                await using var full = await RealRecorder.StartAsync(null, new Dictionary<string, string?>
                {
                    ["Rollbook:LocalStepLog:DiskReserveBytes"] = reserve.ToString(System.Globalization.CultureInfo.InvariantCulture), ["Rollbook:StepLog:SegmentBytes"] = "1048576",
                });
                var run = await full.RunAsync("doctor", "--json");
                if (run.ExitCode != 0 || tries == 20 || new DriveInfo(Path.GetTempPath()).AvailableFreeSpace <= reserve + (100L << 20)) return run;
                // Something was deleted since the look, and the disk is not full.
            }
            catch (StorageFullException) when (tries < 20)
            {
                // More than the rest was written between the look and the start.
            }
        }
    }

    [Fact]
    public async Task Doctor_WhenADirectoryIsInUse_SaysSoAndChangesNothing()
    {
        _directory.Write("data/rollbook.db", "");
        Directory.CreateDirectory(_directory.In("data/wal"));
        using var used = DataDirectoryLock.Acquire(new LocalStepLogOptions { DataDirectory = _directory.In("data"), AllowUnsafeFileSystem = true });
        var before = Directory.GetFileSystemEntries(_directory.Path, "*", SearchOption.AllDirectories).Order();

        var run = await CliRun.OfAsync(_recorder, "doctor", "--data", _directory.In("data"), "--json");

        Assert.Equal(0, run.ExitCode);
        Assert.Equal($"held by a running recorder (process {Environment.ProcessId})", (string?)Checks(run)["lock"]["text"]);
        Assert.Equal("ok", (string?)Checks(run)["directory"]["state"]);
        Assert.Equal(before, Directory.GetFileSystemEntries(_directory.Path, "*", SearchOption.AllDirectories).Order());
    }

    [Fact]
    public async Task Doctor_WhenADirectoryLacksItsDatabase_Fails()
    {
        Directory.CreateDirectory(_directory.In("data/wal"));

        var run = await CliRun.OfAsync(_recorder, "doctor", "--data", _directory.In("data"), "--json");

        Assert.Equal((1, "fail"), (run.ExitCode, (string?)Checks(run)["directory"]["state"]));
        Assert.StartsWith("free", (string?)Checks(run)["lock"]["text"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, "ok", 0)]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.OtherRead, "warn", 0)]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.OtherWrite, "fail", 1)]
    public async Task Doctor_WhenOthersMayReadOrWrite_WarnsOrFails(UnixFileMode mode, string state, int exitCode)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Unix modes");
        _directory.Write("data/rollbook.db", "");
        Directory.CreateDirectory(_directory.In("data/wal"));
        SetMode(_directory.In("data"), mode);

        var run = await CliRun.OfAsync(_recorder, "doctor", "--data", _directory.In("data"), "--json");

        Assert.Equal((exitCode, state), (run.ExitCode, (string?)Checks(run)["permissions"]["state"]));
    }

    private static void SetMode(string path, UnixFileMode mode)
    {
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, mode);
    }

    private static Dictionary<string, JsonNode> Checks(CliRun run) =>
        run.Lines.Select(line => JsonNode.Parse(line)!).ToDictionary(check => (string)check["check"]!, check => check);
}
