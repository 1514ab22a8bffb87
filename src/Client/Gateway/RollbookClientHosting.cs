using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Rollbook.Client;

/// <summary>Registers the client in a host that has an Orleans client.</summary>
public static class RollbookClientHosting
{
    /// <summary>
    /// A <see cref="RollbookClient"/> over the host's <see cref="IClusterClient"/> (or a silo's own). Options come from the configuration section
    /// <see cref="RollbookClientOptions.Section"/>, then from <paramref name="configure"/>, and are checked at the host's start; their gateways, ids and
    /// call time-out are not read, since the host's Orleans client has its own.
    /// </summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configure">Sets options.</param>
    /// <example>
    /// <code>
    /// builder.UseOrleansClient(orleans => orleans.UseLocalhostClustering(gatewayPort: 30000));
    /// builder.Services.AddRollbookClient(options => options.GiveUpAfter = TimeSpan.FromMinutes(5));
    /// </code>
    /// </example>
    public static IServiceCollection AddRollbookClient(this IServiceCollection services, Action<RollbookClientOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        var options = services.AddOptions<RollbookClientOptions>().BindConfiguration(RollbookClientOptions.Section).ValidateOnStart();
        if (configure is not null) options.Configure(configure);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<RollbookClientOptions>, RollbookClientOptionsCheck>());
        services.TryAddSingleton(static provider =>
        {
            var client = provider.GetRequiredService<IClusterClient>();
            var options = provider.GetRequiredService<IOptions<RollbookClientOptions>>().Value;
            return new RollbookClient(new ClientCore(
                client, ManyEpisodesTransport.Of(client, options), options, provider.GetService<TimeProvider>() ?? TimeProvider.System));
        });
        return services;
    }
}
