using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Rollbook.Deploy.Tests.Package;

/// <summary>The tarball, built, unpacked and run as one would: without the .NET of this machine.</summary>
public sealed class TarballTests
{
    private const string Switch = "ROLLBOOK_TEST_PACKAGE";

    [Fact]
    public async Task Script_WithoutAWordOrWithAWrongOne_SaysWhatItMakes()
    {
        foreach (var arguments in new string[][] { ["deploy/package.sh"], ["deploy/package.sh", "zip"], ["deploy/package.sh", "tarball", "--runtime", "win-x64"], ["deploy/package.sh", "tarball", "--wrong"] })
        {
            var (code, _, error) = await Command.TryAsync("bash", arguments);
            Assert.Equal(2, code);
            Assert.StartsWith("package.sh: ", error, StringComparison.Ordinal);
        }

        Assert.Contains("--runtime RID", await Command.RunAsync("bash", "deploy/package.sh", "--help"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tarball_Unpacked_RecordsQueriesAndIsWell()
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable(Switch) == "1" && OperatingSystem.IsLinux(), $"builds for minutes; {Switch}=1 runs it");
        using var directory = new TempDirectory();
        var made = await Command.RunAsync("bash", "deploy/package.sh", "tarball", "--output", directory.Path);
        var tarball = made.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1];
        // Each beside its own .sha256 alone, as one fetches it.
        foreach (var path in Directory.GetFiles(directory.Path).Where(static path => !path.EndsWith(".sha256", StringComparison.Ordinal)).ToList())
        {
            var alone = Directory.CreateDirectory(Path.Combine(directory.Path, $"alone-{Path.GetExtension(path)}")).FullName;
            foreach (var each in new[] { path, $"{path}.sha256" }) File.Copy(each, Path.Combine(alone, Path.GetFileName(each)));
            await Command.RunAsync("bash", "-c", $"cd '{alone}' && sha256sum --check --strict --quiet *.sha256");
        }

        await Command.RunAsync("bash", "-c", $"cd '{directory.Path}' && tar xzf '{tarball}'");
        Figures.Report("package", $"{new FileInfo(tarball).Length >> 20} MiB");
        var home = Directory.GetDirectories(directory.Path, "rollbook-*").Single();
        await CheckBillAsync(home, Path.Combine(directory.Path, $"{Path.GetFileName(home)}.cdx.json"));

        using var silo = Start(home, "Rollbook.Silo", "--urls", "http://127.0.0.1:0", "--data", Path.Combine(directory.Path, "data"));
        try
        {
            var address = await ReadyAsync(silo);
            using var client = new HttpClient { BaseAddress = new Uri(address) };
            var id = (string)JsonNode.Parse(await PostAsync(client, "/v1/workers/w/episodes", """{"task":"t","variant_id":"v"}"""))!["episode_id"]!;
            await PostAsync(client, $"/v1/episodes/{id}/steps?from=0", """{"action_type":"a"}""");
            // The query engine is a process of its own, out of the same directory.
            Assert.Equal(1, (int)JsonNode.Parse(await PostAsync(client, "/v1/query?fresh=true", """{"sql":"SELECT count(*) FROM steps"}"""))!["rows"]![0]![0]!);
            using var doctor = Start(home, "rollbook", "doctor", "--url", address, "--json");
            var report = await doctor.StandardOutput.ReadToEndAsync();
            await doctor.WaitForExitAsync();
            Assert.Contains("\"silo.log\"", report, StringComparison.Ordinal);
        }
        finally
        {
            silo.Kill();
            await silo.WaitForExitAsync();
        }
    }

    private static async Task CheckBillAsync(string home, string beside)
    {
        var bill = await File.ReadAllTextAsync(beside);
        Assert.Equal(bill, await File.ReadAllTextAsync(Path.Combine(home, "rollbook.cdx.json")));
        var components = JsonNode.Parse(bill)!["components"]!.AsArray();
        foreach (var (path, sum) in BomTests.FilesOf(components)) Assert.Equal(sum, Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(Path.Combine(home, path)))));
        Assert.Equal(Directory.GetFiles(home, "*", SearchOption.AllDirectories).Length - 1, BomTests.FilesOf(components).Count());
        // What a list of the projects' packages lacks: the runtime that comes along.
        Assert.Contains(components, static each => ((string?)each!["purl"])?.StartsWith("pkg:nuget/Microsoft.NETCore.App.Runtime.linux-x64@", StringComparison.Ordinal) ?? false);
        Assert.DoesNotContain("Analyzers", bill, StringComparison.Ordinal);
    }

    private static Process Start(string home, string program, params string[] arguments)
    {
        var info = new ProcessStartInfo(Path.Combine(home, program), arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        var unsafeFiles = info.Environment.TryGetValue("Rollbook__LocalStepLog__AllowUnsafeFileSystem", out var allowed) ? allowed : null;
        // Nothing of this machine's .NET.
        info.Environment.Clear();
        info.Environment["HOME"] = home;
        if (unsafeFiles is not null) info.Environment["Rollbook__LocalStepLog__AllowUnsafeFileSystem"] = unsafeFiles;
        return Process.Start(info)!;
    }

    private static async Task<string> ReadyAsync(Process silo)
    {
        while (await silo.StandardOutput.ReadLineAsync() is { } line)
        {
            const string Begin = "Rollbook is ready at ";
            if (line.StartsWith(Begin, StringComparison.Ordinal)) return line[Begin.Length..].Split(' ')[0];
        }

        throw new InvalidOperationException($"It did not start: {await silo.StandardError.ReadToEndAsync()}");
    }

    private static async Task<string> PostAsync(HttpClient client, string path, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await client.PostAsync(path, content);
        var answer = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"{path}: {answer}");
        return answer;
    }
}
