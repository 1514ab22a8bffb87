using Microsoft.Extensions.Options;
using Orleans.Hosting;

namespace Rollbook.Client;

/// <summary>Sends the client's API key or token with each call of the recorder's grains, and with no other call.</summary>
internal sealed class CredentialFilter(IOptions<RollbookClientOptions> options, TimeProvider? time = null) : IOutgoingGrainCallFilter
{
    private readonly string? key = options.Value.ApiKey;
    private readonly TokenSource? tokens = options.Value.TokenProvider is { } provider ? new TokenSource(provider, options.Value.CallTimeout, time ?? TimeProvider.System) : null;

    /// <inheritdoc/>
    public Task Invoke(IOutgoingGrainCallContext context)
    {
        if (context.InterfaceMethod.DeclaringType?.Assembly != typeof(IEpisodeGrain).Assembly) return context.Invoke();
        if (tokens is not null) return InvokeAsync(context, tokens);
        if (key is not null) GatewayKey.Set(key);
        return context.Invoke();
    }

    private static async Task InvokeAsync(IOutgoingGrainCallContext context, TokenSource tokens)
    {
        var token = await tokens.FindAsync().ConfigureAwait(false);
        GatewayKey.Set(token);
        try
        {
            await context.Invoke().ConfigureAwait(false);
        }
        catch (AccessDeniedException denied) when (denied.Code == AccessDeniedException.Unauthenticated)
        {
            // Nothing of the call was done. Its time may be over by the recorder's clock, or somebody revoked it.
            var other = await tokens.InsteadOfAsync(token).ConfigureAwait(false);
            if (other == token) throw;
            GatewayKey.Set(other);
            await context.Invoke().ConfigureAwait(false);
        }
    }
}
