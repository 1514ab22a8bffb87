using Microsoft.Extensions.Options;
using Orleans.Hosting;

namespace Rollbook.Client;

/// <summary>Sends the client's API key with each call of the recorder's grains, and with no other call.</summary>
internal sealed class ApiKeyFilter(IOptions<RollbookClientOptions> options) : IOutgoingGrainCallFilter
{
    private readonly string? key = options.Value.ApiKey;

    /// <inheritdoc/>
    public Task Invoke(IOutgoingGrainCallContext context)
    {
        if (key is not null && context.InterfaceMethod.DeclaringType?.Assembly == typeof(IEpisodeGrain).Assembly) GatewayKey.Set(key);
        return context.Invoke();
    }
}
