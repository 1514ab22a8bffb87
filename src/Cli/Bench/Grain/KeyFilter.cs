namespace Rollbook.Cli;

/// <summary>Sends a key with each call of the recorder's grains.</summary>
internal sealed class KeyFilter(string apiKey) : IOutgoingGrainCallFilter
{
    public Task Invoke(IOutgoingGrainCallContext context)
    {
        if (context.InterfaceMethod.DeclaringType?.Assembly == typeof(IEpisodeGrain).Assembly)
            GatewayKey.Set(apiKey);
        return context.Invoke();
    }
}
