using System.Globalization;
using Rollbook.Testing;
using Xunit;

namespace Rollbook.Grains.Tests.Loggers;

public sealed class LoggerOwnerCrashTests
{
    private const int Runs = 10_000;

    [Fact]
    public async Task Calls_CrashedBeforeOrAfterAnyOfThem_LeaveTheWorkersEpisodesInOrder()
    {
        var crashes = 0;
        for (var seed = 0; seed < Runs; seed++)
        {
            try
            {
                crashes += await new LoggerRun(seed).RunAsync();
            }
            catch (Exception failure)
            {
                throw new InvalidOperationException($"seed {seed}: {failure.Message}", failure);
            }
        }

        Assert.True(crashes > Runs, $"only {crashes} crashes");
        Figures.Report("T19", string.Create(CultureInfo.InvariantCulture, $"{Runs} seeded runs of a worker's logger, {crashes} crashes between two calls, 0 invariants broken"));
    }
}
