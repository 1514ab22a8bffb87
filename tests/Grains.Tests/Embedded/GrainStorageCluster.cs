using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;
using Orleans.TestingHost;
using Rollbook.Embedded;
using Rollbook.Testing;
using Xunit;

namespace Rollbook.Grains.Tests.Embedded;

/// <summary>A silo with the providers under test, registered as a host registers them.</summary>
public sealed class GrainStorageCluster : IAsyncLifetime
{
    private readonly TempDirectory _directory = new();
    private InProcessTestCluster? _cluster;

    /// <summary>The grain factory of the silo's client.</summary>
    public IGrainFactory Grains => _cluster!.Client;

    /// <summary>A provider by its name: <c>sqlite</c>, <c>other</c> (SQLite, too) or <c>memory</c> (Orleans' own).</summary>
    public IGrainStorage this[string name] => _cluster!.Silos[0].ServiceProvider.GetRequiredKeyedService<IGrainStorage>(name);

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        var builder = new InProcessTestClusterBuilder(1);
        builder.ConfigureSilo((_, silo) =>
        {
            silo.Services.AddSqliteDatabase(_ => new SqliteDatabaseOptions { Directory = _directory.Path });
            silo.AddSqliteGrainStorageAsDefault().AddSqliteGrainStorage("sqlite").AddSqliteGrainStorage("other").AddMemoryGrainStorage("memory");
        });
        _cluster = builder.Build();
        await _cluster.DeployAsync();
    }

    /// <summary>Stops the silo and starts another one on the same directory.</summary>
    public async Task RestartAsync()
    {
        await _cluster!.DisposeAsync();
        await InitializeAsync();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _cluster!.DisposeAsync();
        _directory.Dispose();
    }
}
