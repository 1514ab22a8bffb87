using System.Diagnostics;
using System.IO.Compression;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Rollbook.Silo.Http;
using Rollbook.Testing;

namespace Rollbook.Silo.Tests.Http.ClientWheel;

/// <summary>The Python client as the recorder serves it.</summary>
public sealed partial class ClientApiTests
{
    [Fact]
    public async Task Index_LinksTheWheelAndRunsNothing()
    {
        await using var server = await EdgeServer.StartAsync();
        foreach (var path in new[] { "/client", "/client/" })
        {
            using var response = await server.Client.GetAsync(path);
            Assert.Equal("text/html", response.Content.Headers.ContentType!.MediaType);
            Assert.StartsWith("default-src 'none'", response.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
            var page = await response.Content.ReadAsStringAsync();
            Assert.Contains($"--find-links http://127.0.0.1:{server.Client.BaseAddress!.Port}/client/ rollbook", page, StringComparison.Ordinal);
            var link = WheelLink().Match(page).Groups[1].Value;
            using var wheel = await server.Client.GetAsync(link);
            Assert.Equal(HttpStatusCode.OK, wheel.StatusCode);
        }

        var (status, problem) = await server.GetAsync("/client/rollbook-9.9.9-py3-none-any.whl");
        Assert.Equal((404, "not_found"), (status, (string)problem!["code"]!));
    }

    [Fact]
    public void Build_RecordNamesEveryFileWithItsHash()
    {
        var files = WheelFiles.Read();
        var wheel = Wheel.Build(files, WheelFiles.Version(files));
        Assert.Equal(wheel.Content, Wheel.Build(files, WheelFiles.Version(files)).Content);
        var entries = Entries(wheel.Content);
        Assert.Contains("rollbook/__init__.py", entries.Select(entry => entry.Name));
        Assert.Contains("rollbook/py.typed", entries.Select(entry => entry.Name));
        var (recordName, recordBytes) = entries[^1];
        var record = Encoding.UTF8.GetString(recordBytes).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(entries.Count, record.Length);
        Assert.Equal($"{recordName},,", record[^1]);
        for (var i = 0; i < entries.Count - 1; i++)
        {
            var hash = Convert.ToBase64String(SHA256.HashData(entries[i].Content)).TrimEnd('=').Replace('+', '-').Replace('/', '_');
            Assert.Equal($"{entries[i].Name},sha256={hash},{entries[i].Content.Length}", record[i]);
        }
    }

    /// <summary>The script that builds the same wheel without the recorder.</summary>
    [Fact]
    public async Task Build_IsWhatTheScriptBuilds()
    {
        var script = Path.Combine(Repository(), "src", "Client.Python", "build_wheel.py");
        Assert.SkipUnless(File.Exists(script), $"{script} is not there.");
        using var directory = new TempDirectory();
        using var python = new Process();
        python.StartInfo = new ProcessStartInfo("python3", [script, "--out", directory.Path]) { RedirectStandardError = true, RedirectStandardOutput = true };
        try
        {
            python.Start();
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("python3 is not installed.");
        }

        var errors = await python.StandardError.ReadToEndAsync();
        await python.WaitForExitAsync();
        Assert.True(python.ExitCode == 0, errors);
        var files = WheelFiles.Read();
        var wheel = Wheel.Build(files, WheelFiles.Version(files));
        var built = await File.ReadAllBytesAsync(Path.Combine(directory.Path, wheel.FileName));
        var theirs = Entries(built);
        var mine = Entries(wheel.Content);
        Assert.Equal(theirs.Select(entry => entry.Name), mine.Select(entry => entry.Name));
        for (var i = 0; i < mine.Count; i++)
            Assert.True(mine[i].Content.AsSpan().SequenceEqual(theirs[i].Content), $"{mine[i].Name} differs.");
    }

    private static List<(string Name, byte[] Content)> Entries(byte[] wheel)
    {
        using var archive = new ZipArchive(new MemoryStream(wheel));
        return archive.Entries.Select(entry =>
        {
            using var content = new MemoryStream();
            using var stream = entry.Open();
            stream.CopyTo(content);
            return (entry.FullName, content.ToArray());
        }).ToList();
    }

    private static string Repository()
    {
        var directory = AppContext.BaseDirectory;
        while (directory is not null && !File.Exists(Path.Combine(directory, "Orleans.sln"))) directory = Path.GetDirectoryName(directory);
        return directory ?? throw new InvalidOperationException("The tests don't run inside the repository.");
    }

    [GeneratedRegex("href=\"(/client/rollbook-[^\"]+-py3-none-any\\.whl)\"")]
    private static partial Regex WheelLink();
}
