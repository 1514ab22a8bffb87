using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Rollbook.Client;

/// <summary>Registers the client in a host that has an Orleans client.</summary>
public static class RollbookClientHosting
{
    /// <summary>
    /// A <see cref="RollbookClient"/> over the host's <see cref="IClusterClient"/> (or a silo's own). Options come from the configuration's section
    /// <see cref="RollbookClientOptions.Section"/>, then from <paramref name="configure"/>; they are checked at the host's start, and a key that there is not stops it too.
    /// Their gateways, ids and call time-out are not used, since the host's Orleans client has its own.
    /// </summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configure">Sets options, over those of the configuration.</param>
    /// <example>
    /// <code>
    /// builder.UseOrleansClient(orleans => orleans.UseLocalhostClustering(gatewayPort: 30000));
    /// builder.Services.AddRollbookClient(options => options.GiveUpAfter = TimeSpan.FromMinutes(5));
    /// </code>
    /// </example>
    public static IServiceCollection AddRollbookClient(this IServiceCollection services, Action<RollbookClientOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        var options = services.AddOptions<RollbookClientOptions>().ValidateOnStart();
        // A host without configuration is one with the defaults. A misspelt key must not pass for one.
        options.Configure<IServiceProvider>(static (bound, provider) =>
            provider.GetService<IConfiguration>()?.GetSection(RollbookClientOptions.Section).Bind(bound, static binder => binder.ErrorOnUnknownConfiguration = true));
        if (configure is not null) options.Configure(configure);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<RollbookClientOptions>, RollbookClientOptionsCheck>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IOutgoingGrainCallFilter, CredentialFilter>());
        services.TryAddSingleton<GatewayLosses>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IOutgoingGrainCallFilter, GatewayLosses>(static provider => provider.GetRequiredService<GatewayLosses>()));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IClusterConnectionStatusObserver, GatewayLosses>(static provider => provider.GetRequiredService<GatewayLosses>()));
        services.TryAddSingleton(static provider =>
        {
            var client = provider.GetRequiredService<IClusterClient>();
            var options = provider.GetRequiredService<IOptions<RollbookClientOptions>>().Value;
            var time = provider.GetService<TimeProvider>() ?? TimeProvider.System;
            return new RollbookClient(new ClientCore(client, ManyEpisodesTransport.Of(client, options, time), options, time));
        });
        return services;
    }
}
