using Azure.Core.Pipeline;
using Azure.Data.Tables;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Messaging;
using Orleans.Providers;
using Orleans.Runtime.Hosting;
using Orleans.Serialization.Serializers;
using Orleans.Storage;
using Rollbook.Episodes;
using Rollbook.StepLog;

namespace Rollbook.Azure;

/// <summary>Registers the tables of an Azure Storage account, and what lies in them. The account stands under <c>Rollbook:Azure</c> (<see cref="AzureOptions"/>).</summary>
public static class AzureTablesHosting
{
    /// <summary>
    /// Keeps headers and registry in tables, which are made before the silo starts: an account that can't be used fails the start.
    /// </summary>
    /// <param name="services">The silo's services.</param>
    /// <param name="configure">Changes the options after the configuration.</param>
    public static IServiceCollection AddAzureTables(this IServiceCollection services, Action<OptionsBuilder<AzureOptions>>? configure = null)
    {
        services.AddAzureAccount(configure);
        services.AddSingleton<IHeaderStore>(static provider => new AzureHeaderStore(
            provider.GetRequiredService<AzureTables>().Headers, ServiceId(provider), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<ILogRegistry>(static provider => new AzureLogRegistry(
            provider.GetRequiredService<AzureTables>().Logs, ServiceId(provider), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(static provider => new AzureTablesStart(
            provider.GetRequiredService<AzureTables>(), static tables => [tables.Headers, tables.Logs]));
        return services;
    }

    /// <summary>Finds the cluster's other silos by a table.</summary>
    /// <param name="builder">The silo.</param>
    /// <param name="configure">Changes the options after the configuration.</param>
    public static ISiloBuilder UseAzureTablesClustering(this ISiloBuilder builder, Action<OptionsBuilder<AzureOptions>>? configure = null) =>
        builder.ConfigureServices(services => services.AddAzureAccount(configure).AddSingleton<IMembershipTable>(static provider => new AzureTablesMembership(
            provider.GetRequiredService<AzureTables>(),
            provider.GetRequiredService<AzureTables>().Membership,
            ClusterId(provider),
            null,
            provider.GetRequiredService<ILogger<AzureTablesMembership>>())));

    /// <summary>Finds the cluster's gateways by the table of its silos.</summary>
    /// <param name="builder">The client.</param>
    /// <param name="configure">Changes the options after the configuration.</param>
    public static IClientBuilder UseAzureTablesClustering(this IClientBuilder builder, Action<OptionsBuilder<AzureOptions>>? configure = null) =>
        builder.ConfigureServices(services => services.AddAzureAccount(configure).AddSingleton<IGatewayListProvider>(static provider => new AzureTablesGateways(
            provider.GetRequiredService<AzureTables>(),
            provider.GetRequiredService<AzureTables>().Membership,
            ClusterId(provider),
            provider.GetRequiredService<IOptions<GatewayOptions>>().Value.GatewayListRefreshPeriod)));

    /// <summary>Keeps the default grain storage in a table.</summary>
    /// <param name="builder">The silo.</param>
    /// <param name="configure">Changes the provider's options.</param>
    public static ISiloBuilder AddAzureTablesGrainStorageAsDefault(
        this ISiloBuilder builder, Action<OptionsBuilder<AzureTablesGrainStorageOptions>>? configure = null) =>
        builder.AddAzureTablesGrainStorage(ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME, configure);

    /// <summary>Keeps a named grain storage in a table. Names of one table share what is in it.</summary>
    /// <param name="builder">The silo.</param>
    /// <param name="name">The name that grains give with their state.</param>
    /// <param name="configure">Changes the provider's options.</param>
    public static ISiloBuilder AddAzureTablesGrainStorage(
        this ISiloBuilder builder, string name, Action<OptionsBuilder<AzureTablesGrainStorageOptions>>? configure = null) =>
        builder.ConfigureServices(services =>
        {
            services.AddAzureAccount(null);
            configure?.Invoke(services.AddOptions<AzureTablesGrainStorageOptions>(name));
            services.TryAddEnumerable(ServiceDescriptor.Transient<
                IPostConfigureOptions<AzureTablesGrainStorageOptions>, DefaultStorageProviderSerializerOptionsConfigurator<AzureTablesGrainStorageOptions>>());
            services.AddGrainStorage(name, CreateStorage);
            services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(provider => new AzureTablesStart(
                provider.GetRequiredService<AzureTables>(), tables => [StateTable(tables, StorageOptions(provider, name))]));
        });

    private static IServiceCollection AddAzureAccount(this IServiceCollection services, Action<OptionsBuilder<AzureOptions>>? configure)
    {
        var options = services.AddOptions<AzureOptions>();
        if (!services.Any(static service => service.ServiceType == typeof(AzureTables)))
        {
            options.BindConfiguration(AzureOptions.Section).ValidateDataAnnotations().ValidateOnStart();
            services.AddSingleton<IValidateOptions<AzureOptions>, AzureOptionsValidator>();
            services.TryAddSingleton(TimeProvider.System);
            services.AddSingleton(static provider => new AzureTables(
                provider.GetRequiredService<IOptions<AzureOptions>>(), provider.GetServices<HttpPipelinePolicy>()));
        }

        configure?.Invoke(options);
        return services;
    }

    private static AzureTablesGrainStorage CreateStorage(IServiceProvider provider, string name)
    {
        var options = StorageOptions(provider, name);
        return new AzureTablesGrainStorage(
            name,
            options,
            StateTable(provider.GetRequiredService<AzureTables>(), options),
            ServiceId(provider),
            provider.GetRequiredService<IActivatorProvider>(),
            provider.GetRequiredService<TimeProvider>());
    }

    private static AzureTablesGrainStorageOptions StorageOptions(IServiceProvider provider, string name) =>
        provider.GetRequiredService<IOptionsMonitor<AzureTablesGrainStorageOptions>>().Get(name);

    private static TableClient StateTable(AzureTables tables, AzureTablesGrainStorageOptions options) =>
        options.TableName is { } table ? tables.Table(table) : tables.GrainState;

    private static string ServiceId(IServiceProvider provider) => provider.GetRequiredService<IOptions<ClusterOptions>>().Value.ServiceId;

    private static string ClusterId(IServiceProvider provider) => provider.GetRequiredService<IOptions<ClusterOptions>>().Value.ClusterId;
}
