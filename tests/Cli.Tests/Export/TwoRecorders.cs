using Xunit;

namespace Rollbook.Cli.Tests.Export;

/// <summary>Two recorders that know nothing of each other.</summary>
public sealed class TwoRecorders : IAsyncLifetime
{
    internal RealRecorder From { get; private set; } = null!;

    internal RealRecorder To { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        From = await RealRecorder.StartAsync();
        To = await RealRecorder.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await From.DisposeAsync();
        await To.DisposeAsync();
    }
}
