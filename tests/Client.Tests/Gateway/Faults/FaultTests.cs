using System.Globalization;

namespace Rollbook.Client.Tests.Gateway.Faults;

/// <summary>Exactly once over a network that does everything but invent steps.</summary>
public sealed class FaultTests
{
    private static int Seeds =>
        Environment.GetEnvironmentVariable("ROLLBOOK_CLIENT_SEEDS") is { Length: > 0 } seeds ? int.Parse(seeds, CultureInfo.InvariantCulture) : 40;

    [Fact]
    public async Task Record_OverAFaultyNetwork_IsRecordedOnceInOrder()
    {
        Dictionary<string, int> told = [];
        Dictionary<Fault, int> happened = [];
        for (var seed = 0; seed < Seeds; seed++)
        {
            var run = new FaultyRun(seed);
            await run.RunAsync();
            foreach (var (what, count) in run.Told) told[what] = told.GetValueOrDefault(what) + count;
            foreach (var (fault, count) in run.Recorder.Happened) happened[fault] = happened.GetValueOrDefault(fault) + count;
        }

        // Else the seeds are too few to have tested what is claimed.
        Assert.All(Enum.GetValues<Fault>(), fault => Assert.True(happened.ContainsKey(fault), $"{fault} never happened."));
        Assert.All(
            ["ok", "cancelled, taken", "cancelled, not taken", "unavailable", "full"],
            what => Assert.True(told.ContainsKey(what), $"No call was told: {what}."));
    }
}
