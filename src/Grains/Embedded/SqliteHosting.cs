using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Orleans.Providers;
using Orleans.Runtime.Hosting;
using Orleans.Serialization.Serializers;
using Orleans.Storage;
using Rollbook.Episodes;
using Rollbook.StepLog;

namespace Rollbook.Embedded;

/// <summary>Registers the embedded database and what lies in it.</summary>
public static class SqliteHosting
{
    /// <summary>
    /// Keeps headers and registry in the embedded database. It opens before the host starts, so that a file which can't be used
    /// fails the start; a poisoned one stops the host with exit code 1.
    /// </summary>
    /// <param name="services">The silo's services.</param>
    /// <param name="options">Makes the options, when the database is opened.</param>
    public static IServiceCollection AddSqliteDatabase(this IServiceCollection services, Func<IServiceProvider, SqliteDatabaseOptions> options)
    {
        services.AddSingleton(provider => new SqliteDatabase(options(provider)));
        services.AddSingleton<IHeaderStore, SqliteHeaderStore>();
        services.AddSingleton<ILogRegistry, SqliteLogRegistry>();
        services.AddHostedService<SqliteWatch>();
        return services;
    }

    /// <summary>Keeps the default grain storage in the embedded database, which <see cref="AddSqliteDatabase"/> registers.</summary>
    /// <param name="builder">The silo.</param>
    /// <param name="configure">Changes the provider's options.</param>
    public static ISiloBuilder AddSqliteGrainStorageAsDefault(
        this ISiloBuilder builder, Action<OptionsBuilder<SqliteGrainStorageOptions>>? configure = null) =>
        builder.AddSqliteGrainStorage(ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME, configure);

    /// <summary>Keeps a named grain storage in the embedded database, which <see cref="AddSqliteDatabase"/> registers.</summary>
    /// <param name="builder">The silo.</param>
    /// <param name="name">The name that grains give with their state. Different names share nothing.</param>
    /// <param name="configure">Changes the provider's options.</param>
    public static ISiloBuilder AddSqliteGrainStorage(
        this ISiloBuilder builder, string name, Action<OptionsBuilder<SqliteGrainStorageOptions>>? configure = null) =>
        builder.ConfigureServices(services =>
        {
            configure?.Invoke(services.AddOptions<SqliteGrainStorageOptions>(name));
            services.TryAddEnumerable(ServiceDescriptor.Transient<
                IPostConfigureOptions<SqliteGrainStorageOptions>, DefaultStorageProviderSerializerOptionsConfigurator<SqliteGrainStorageOptions>>());
            services.AddGrainStorage(name, Create);
        });

    private static SqliteGrainStorage Create(IServiceProvider services, string name) => new(
        name,
        services.GetRequiredService<IOptionsMonitor<SqliteGrainStorageOptions>>().Get(name),
        services.GetRequiredService<SqliteDatabase>(),
        services.GetRequiredService<IActivatorProvider>());
}
