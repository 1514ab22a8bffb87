
namespace Rollbook.Crash.Tests;

/// <summary>One process per data directory, however the last one ended.</summary>
public sealed class DirectoryTests
{
    [Fact]
    public async Task Start_WhenAnotherProcessHasTheDirectory_IsRefusedByName()
    {
        using var directory = new TempDirectory();
        await using var first = await SiloProcess.StartAsync(directory.Path);
        await using (var second = SiloProcess.Launch(directory.Path))
        {
            var code = await second.ExitAsync(TimeSpan.FromSeconds(60));
            Assert.NotEqual(0, code);
            Assert.Contains($"'{directory.Path}' is in use by process {first.Id}", second.Output.ToString(), StringComparison.Ordinal);
            Assert.DoesNotContain("   at ", second.Output.ToString(), StringComparison.Ordinal);
        }

        using var client = first.Client();
        var worker = await Lockstep.StartAsync(client, 80);
        await worker.AppendAsync(10);
        await first.KillAsync();
        await using var next = await SiloProcess.StartAsync(directory.Path);
        await FlushTests.CheckAsync(next, worker);
    }
}
